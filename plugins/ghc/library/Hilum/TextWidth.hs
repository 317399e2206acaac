-- | How wide text is, where letters have one width and in an image's font.
module Hilum.TextWidth
    ( textColumns
    , padLeft
    , padRight
    , textEms
    ) where

import Data.Char (GeneralCategory (..), generalCategory, isUpper)

-- | Columns of a terminal.
textColumns :: String -> Int
textColumns = sum . map columns
  where
    columns c
        | generalCategory c `elem` [NonSpacingMark, EnclosingMark, Format] = 0
        | isWide c = 2
        | otherwise = 1

padLeft, padRight :: Int -> String -> String
padLeft width string = replicate (width - textColumns string) ' ' ++ string
padRight width string = string ++ replicate (width - textColumns string) ' '

-- | About how wide text is in a proportional font without serifs, in units of the font's size. It is
-- meant to be rather too much than too little.
textEms :: String -> Double
textEms = sum . map ems
  where
    ems c
        | generalCategory c `elem` [NonSpacingMark, EnclosingMark, Format] = 0
        | isWide c = 1
        | c `elem` "ijl.,:;'|! ()[]ftrI1" = 0.38
        | c `elem` "mwMW@%" = 0.9
        | isUpper c = 0.7
        | otherwise = 0.57

isWide :: Char -> Bool
isWide c = any (\(low, high) -> c >= low && c <= high)
    [ ('\x1100', '\x115F'), ('\x2E80', '\xA4CF'), ('\xAC00', '\xD7A3'), ('\xF900', '\xFAFF')
    , ('\xFE30', '\xFE6F'), ('\xFF00', '\xFF60'), ('\xFFE0', '\xFFE6'), ('\x1F300', '\x1F64F')
    , ('\x1F900', '\x1F9FF'), ('\x20000', '\x3FFFD')
    ]
