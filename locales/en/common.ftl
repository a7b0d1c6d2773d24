language-name = English
languages = Language
skip-to-content = Skip to content
unencrypted = This is a test system without encryption. Others on this network can read what you type.
terms = { $product } terms of use
privacy = { $product } privacy policy
title-error = Error:

## Numbers, dates and spans of time

# What stands between groups of three digits.
digit-group-separator = ,

date =
    { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }
date-time = { date }, { $time } ({ $zone })
duration =
    { $unit ->
        [day] { $count ->
            [one] { $count } day
           *[other] { $count } days
        }
        [hour] { $count ->
            [one] { $count } hour
           *[other] { $count } hours
        }
        [minute] { $count ->
            [one] { $count } minute
           *[other] { $count } minutes
        }
       *[second] { $count ->
            [one] { $count } second
           *[other] { $count } seconds
        }
    }
in-time = in { duration }
time-ago = { duration } ago
