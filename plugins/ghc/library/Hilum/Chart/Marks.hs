-- | The data of a chart: its lines, points and boxes.
module Hilum.Chart.Marks
    ( Area (..)
    , drawMarks
    , fontSize
    , palette
    , px
    ) where

import Data.List (groupBy, maximumBy, minimumBy)
import Data.Function (on)
import Data.Ord (comparing)
import Numeric (showFFloat)

import Hilum.Chart.Plan (Plan (..), Shape (..))
import Hilum.Chart.Scale (place)
import Hilum.Markup (Markup, element, leaf, text)

-- | The part of the image inside the axes, in pixels.
data Area = Area
    { areaLeft :: Double
    , areaTop :: Double
    , areaRight :: Double
    , areaBottom :: Double
    }

fontSize :: Double
fontSize = 12

-- | Colours of the series in their order; told apart by people who do not see all colours, too.
palette :: [String]
palette = cycle ["#3b6fb6", "#e0812b", "#3f9b5f", "#c44e52", "#8366b0", "#7f6a5b", "#d582b8", "#5c9fa8"]

-- | A length in pixels, as short as it can be written.
px :: Double -> String
px x = case break (== '.') (showFFloat (Just 1) x "") of
    (whole, ".0") -> if whole == "-0" then "0" else whole
    (whole, fraction) -> whole ++ fraction

-- | All series, the first one at the back.
drawMarks :: Plan -> Area -> Markup
drawMarks planned area
    | all isEmpty (shapes planned) = element "text"
        [ ("x", px ((areaLeft area + areaRight area) / 2)), ("y", px ((areaTop area + areaBottom area) / 2))
        , ("text-anchor", "middle"), ("fill", "#888888") ]
        (text "no data")
    | otherwise = mconcat (zipWith (drawShape atX atY) palette (shapes planned))
  where
    atX v = areaLeft area + place (xScale planned) v * (areaRight area - areaLeft area)
    atY v = areaBottom area - place (yScale planned) v * (areaBottom area - areaTop area)

isEmpty :: Shape -> Bool
isEmpty shape = case shape of
    Curve curve -> null curve
    Dots points -> null points
    Boxes _ boxes -> null boxes

drawShape :: (Double -> Double) -> (Double -> Double) -> String -> Shape -> Markup
drawShape atX atY colour shape = case shape of
    Curve curve -> foldMap (piece . thinned . map pixel) curve
    Dots points -> element "g" [("fill", colour), ("fill-opacity", dotOpacity points)]
        (foldMap (dot . pixel) points)
    Boxes opacity boxes -> element "g" [("fill", colour), ("fill-opacity", px opacity)] (foldMap box boxes)
  where
    pixel (x, y) = (atX x, atY y)
    piece [(x, y)] = leaf "circle" [("cx", px x), ("cy", px y), ("r", "2"), ("fill", colour)]
    piece points = leaf "polyline"
        [ ("points", unwords [px x ++ "," ++ px y | (x, y) <- points]), ("fill", "none"), ("stroke", colour)
        , ("stroke-width", "2"), ("stroke-linejoin", "round"), ("stroke-linecap", "round") ]
    dot (x, y) = leaf "circle" [("cx", px x), ("cy", px y), ("r", "3.5")]
    dotOpacity points = if null (drop 200 points) then "0.8" else "0.5"
    box (from, to, height, what) = element "rect"
        [ ("x", px (atX from + 0.5)), ("y", px (min (atY 0) (atY height)))
        , ("width", px (max 0.5 (atX to - atX from - 1))), ("height", px (abs (atY height - atY 0))) ]
        (element "title" [] (text what))

-- Of many points in one column of pixels only those that can be seen are drawn.
thinned :: [(Double, Double)] -> [(Double, Double)]
thinned points
    | null (drop 2000 points) = points
    | otherwise = concatMap seen (groupBy ((==) `on` column) points)
  where
    column (x, _) = floor x :: Int
    seen group@(_ : _ : _ : _ : _) =
        [head group, minimumBy (comparing snd) group, maximumBy (comparing snd) group, last group]
    seen group = group
