-- | What is decided before anything is drawn: the axes, and the shapes on them.
module Hilum.Chart.Plan
    ( Plan (..)
    , Shape (..)
    , plan
    ) where

import Data.List (nub, sort)
import qualified Data.Map.Strict as Map

import Hilum.Chart.Model (Chart (..), Mark (..), Series (..))
import Hilum.Chart.Scale (Scale, exactScale, roundScale, roundStep)

data Plan = Plan
    { xScale :: Scale
    , yScale :: Scale
    , categories :: [String]
    -- ^ Names of bars; the n-th stands at the number n of the horizontal axis.
    , shapes :: [Shape]
    -- ^ In the order of the series.
    }

-- | What a series looks like, in the numbers of the axes.
data Shape
    = Curve [[(Double, Double)]]
    -- ^ Pieces between gaps.
    | Dots [(Double, Double)]
    | Boxes Double [(Double, Double, Double, String)]
    -- ^ How opaque they are; from, to, height and what it is.

-- | The plan of a chart with about so many ticks on its axes.
plan :: Chart -> Int -> Int -> Plan
plan chart xTicks yTicks = Plan
    { xScale = horizontal xs
    , yScale = roundScale yTicks (if all isWhole ys then 1 else 0) (bounds (if hasBoxes then 0 : ys else ys))
    , categories = names
    , shapes = drawn
    }
  where
    marks = map seriesMark (series chart)
    names = nub (concat [map fst bars | Bars bars <- marks])
    drawn = shapesOf marks names (intervals chart marks)
    hasBoxes = not (null [() | Boxes _ (_ : _) <- drawn])
    xs = concatMap shapeXs drawn
    ys = concatMap shapeYs drawn
    horizontal values
        | not (null names) = exactScale xTicks (bounds (0.5 : fromIntegral (length names) + 0.5 : values))
        | any isDots drawn = exactScale xTicks (padded (bounds values))
        | otherwise = exactScale xTicks (bounds values)
    isDots (Dots (_ : _)) = True
    isDots _ = False
    padded (from, to) = let by = 0.03 * (to - from) in (from - by, to + by)

bounds :: [Double] -> (Double, Double)
bounds [] = (0, 1)
bounds values = (minimum values, maximum values)

shapeXs, shapeYs :: Shape -> [Double]
shapeXs shape = case shape of
    Curve pieces -> map fst (concat pieces)
    Dots points -> map fst points
    Boxes _ boxes -> concat [[from, to] | (from, to, _, _) <- boxes]
shapeYs shape = case shape of
    Curve pieces -> map snd (concat pieces)
    Dots points -> map snd points
    Boxes _ boxes -> [height | (_, _, height, _) <- boxes]

-- Series of bars share the room of a name.
shapesOf :: [Mark] -> [String] -> (Double, Double) -> [Shape]
shapesOf marks names (start, width) = go 0 marks
  where
    groups = length [() | Bars _ <- marks]
    spreads = length [() | Spread _ <- marks]
    position = Map.fromList (zip names [1 ..])
    go :: Int -> [Mark] -> [Shape]
    go _ [] = []
    go n (mark : rest) = case mark of
        Line points -> Curve (pieces points) : go n rest
        Points points -> Dots (filter isPoint points) : go n rest
        Bars bars -> Boxes 1 (concatMap (bar n) bars) : go (n + 1) rest
        Spread values -> Boxes (if spreads > 1 then 0.6 else 1) (counts values) : go n rest
    bar n (name, height)
        | isNumber height, Just middle <- Map.lookup name position =
            let size = 0.8 / fromIntegral groups
                from = middle - 0.4 + size * fromIntegral n
            in [(from, from + size, height, name ++ ": " ++ plainNumber height)]
        | otherwise = []
    counts values =
        [ (from, from + width, fromIntegral count, range from ++ ": " ++ show count)
        | (index, count) <- Map.toAscList found
        , let from = start + width * fromIntegral index
        ]
      where
        range from
            | width == 1 && start + 0.5 == fromInteger (round (start + 0.5)) = plainNumber (from + 0.5)
            | otherwise = plainNumber from ++ " to " ++ plainNumber (from + width)
        found = Map.fromListWith (+) [(interval value, 1 :: Int) | value <- values, isNumber value]
    interval value = floor ((value - start) / width + 1e-9) :: Integer

plainNumber :: Double -> String
plainNumber x
    | x == fromInteger whole && abs x < 1e15 = show whole
    | otherwise = show (fromInteger (round (x * scale)) / scale)
  where
    whole = round x :: Integer
    scale = 10 ^^ (5 - max (-300) (floor (logBase 10 (abs x))) :: Int) :: Double

isNumber :: Double -> Bool
isNumber x = not (isNaN x) && abs x < 1e300

isWhole :: Double -> Bool
isWhole x = x == fromInteger (round x)

isPoint :: (Double, Double) -> Bool
isPoint (x, y) = isNumber x && isNumber y

pieces :: [(Double, Double)] -> [[(Double, Double)]]
pieces points = case span isPoint (dropWhile (not . isPoint) points) of
    ([], _) -> []
    (piece, rest) -> piece : pieces rest

-- Where the intervals of histograms start and how wide they are: round numbers, the same for all.
intervals :: Chart -> [Mark] -> (Double, Double)
intervals chart marks = case filter isNumber (concat [values | Spread values <- marks]) of
    [] -> (0, 1)
    -- Whole numbers have an interval each.
    values | binCount chart == Nothing, all isWhole values, snd (bounds values) - fst (bounds values) <= 30 ->
        (fst (bounds values) - 0.5, 1)
    values ->
        let (from, to) = bounds values
            size = if to > from then to - from else max 1 (abs from * 0.1)
            width = maybe (roundStep (usual values) size) (\count -> size / fromIntegral count * (1 + 1e-9)) (binCount chart)
            start = maybe (width * fromInteger (floor (from / width + 1e-9))) (const from) (binCount chart)
        in (start, width)
  where
    -- By Freedman and Diaconis, within what can be looked at.
    usual values =
        let ordered = sort values
            count = length values
            quartile n = ordered !! min (count - 1) (count * n `div` 4)
            spread = quartile 3 - quartile 1
            size = last ordered - head ordered
            wide = 2 * spread / fromIntegral count ** (1 / 3 :: Double)
        in if wide > 0 then max 5 (min 60 (ceiling (size / wide))) else 10 :: Int
