-- | Axes: which part of the numbers they show, and where their ticks are.
module Hilum.Chart.Scale
    ( Scale (..)
    , Tick (..)
    , roundScale
    , exactScale
    , roundStep
    , place
    , label
    ) where

import Data.Char (intToDigit)
import Numeric (showFFloat)

-- | The numbers from one to the other end of an axis.
data Scale = Scale
    { low :: Double
    , high :: Double
    , ticks :: [Tick]
    }

data Tick = Tick
    { tickValue :: Double
    , tickLabel :: String
    }

-- | An axis with about this many ticks, which are at least so far apart, that starts and ends at one.
roundScale :: Int -> Double -> (Double, Double) -> Scale
roundScale count least ends = Scale (fromInteger first * step) (fromInteger final * step) (ticksAt step first final)
  where
    (from, to) = widened ends
    step = max least (roundStep count (to - from))
    first = floor (from / step + 1e-9) :: Integer
    final = ceiling (to / step - 1e-9) :: Integer

-- | An axis that starts and ends exactly where the numbers do.
exactScale :: Int -> (Double, Double) -> Scale
exactScale count ends = Scale from to (ticksAt step first final)
  where
    (from, to) = widened ends
    step = roundStep count (to - from)
    first = ceiling (from / step - 1e-9) :: Integer
    final = floor (to / step + 1e-9) :: Integer

ticksAt :: Double -> Integer -> Integer -> [Tick]
ticksAt step first final = [Tick value (label step largest value) | value <- values]
  where
    values = [fromInteger n * step | n <- [first .. min final (first + 1000)]]
    largest = maximum (0 : map abs values)

-- | The round number by which this length is cut into about as many parts.
roundStep :: Int -> Double -> Double
roundStep count size = head ([m * unit | m <- [1, 2, 2.5, 5], m * unit >= raw * 0.999] ++ [10 * unit])
  where
    raw = size / fromIntegral (max 1 count)
    unit = 10 ^^ (floor (logBase 10 raw) :: Int)

-- An axis needs some length even if all numbers are the same.
widened :: (Double, Double) -> (Double, Double)
widened (from, to)
    | to - from > 1e-9 * size = (from, to)
    | size == 0 = (-1, 1)
    | otherwise = (from - size * 0.1, to + size * 0.1)
  where
    size = max (abs from) (abs to)

-- | Where a number is: 0 is the start of the axis and 1 its end.
place :: Scale -> Double -> Double
place scale value = (value - low scale) / (high scale - low scale)

-- | A number on an axis with this distance between ticks and this largest number.
label :: Double -> Double -> Double -> String
label step largest value
    | value == 0 = "0"
    | largest >= 1e6 || largest < 1e-3 =
        fixed (max 0 (digits (step / power))) (value / power) ++ "×10" ++ raised magnitude
    | otherwise = fixed (max 0 (digits step)) value
  where
    magnitude = floor (logBase 10 largest + 1e-9) :: Int
    power = 10 ^^ magnitude :: Double
    -- How many digits after the point tell multiples of the step apart.
    digits s = head ([d | d <- [0 .. 15], isWhole (s * 10 ^^ d)] ++ [15]) :: Int
    isWhole x = abs (x - fromInteger (round x)) < 1e-6 * max 1 (abs x)

fixed :: Int -> Double -> String
fixed decimals x = minus (grouped whole ++ fraction)
  where
    (whole, fraction) = break (== '.') (showFFloat (Just decimals) (abs x) "")
    minus text = if x < 0 then '\x2212' : text else text
    grouped text
        | length text > 4 = reverse (thousands (reverse text))
        | otherwise = text
    thousands text = case splitAt 3 text of
        (part, "") -> part
        (part, rest) -> part ++ "\x2009" ++ thousands rest

raised :: Int -> String
raised n = (if n < 0 then ('\x207B' :) else id) (map superscript (decimal (abs n)))
  where
    decimal k = if k < 10 then [intToDigit k] else decimal (k `div` 10) ++ [intToDigit (k `mod` 10)]
    superscript c = case c of
        '1' -> '\xB9'
        '2' -> '\xB2'
        '3' -> '\xB3'
        _ -> toEnum (0x2070 + fromEnum c - fromEnum '0')
