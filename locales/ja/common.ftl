# Unreviewed: no native reader has checked the texts of this folder yet.

language-name = 日本語
languages = 言語
skip-to-content = 本文へ移動
unencrypted = 暗号化されていない試験用システムです。入力した内容は、同じネットワークの他の人に見られる可能性があります。
terms = { $product }の利用規約
privacy = { $product }のプライバシーポリシー
title-error = エラー:

## Numbers, dates and spans of time

digit-group-separator = ,
date = { $year }年{ $month }月{ $day }日
date-time = { date } { $time }（{ $zone }）
duration =
    { $unit ->
        [day] { $count }日
        [hour] { $count }時間
        [minute] { $count }分
       *[second] { $count }秒
    }
in-time = { duration }後
time-ago = { duration }前
