# Unreviewed: no native reader has checked the texts of this folder yet.

language-name = Deutsch
languages = Sprache
skip-to-content = Zum Inhalt springen
unencrypted = Dies ist ein Testsystem ohne Verschlüsselung. Andere in diesem Netz können mitlesen, was Sie eingeben.
terms = Nutzungsbedingungen von { $product }
privacy = Datenschutzerklärung von { $product }
title-error = Fehler:

## Numbers, dates and spans of time

digit-group-separator = .
date =
    { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    } { $year }
date-time = { date }, { $time } Uhr ({ $zone })
duration =
    { $unit ->
        [day] { $count ->
            [one] { $count } Tag
           *[other] { $count } Tage
        }
        [hour] { $count ->
            [one] { $count } Stunde
           *[other] { $count } Stunden
        }
        [minute] { $count ->
            [one] { $count } Minute
           *[other] { $count } Minuten
        }
       *[second] { $count ->
            [one] { $count } Sekunde
           *[other] { $count } Sekunden
        }
    }
# After “in” and “vor” days are in the dative.
in-time =
    in { $unit ->
        [day] { $count ->
            [one] { $count } Tag
           *[other] { $count } Tagen
        }
       *[other] { duration }
    }
time-ago =
    vor { $unit ->
        [day] { $count ->
            [one] { $count } Tag
           *[other] { $count } Tagen
        }
       *[other] { duration }
    }
