-- | Charts as SVG images.
--
-- > titled "Waves" (axes "t" "" (named "sin" (lineChart [(t, sin t) | t <- [0, 0.1 .. 6.3]])
-- >     <> named "cos" (lineChart [(t, cos t) | t <- [0, 0.1 .. 6.3]])))
module Hilum.Chart
    ( Chart
      -- * Kinds
    , lineChart
    , scatterChart
    , barChart
    , histogram
      -- * Changing one
    , named
    , titled
    , axes
    , sized
    , bins
      -- * As text
    , chartSvg
    ) where

import Hilum.Chart.Draw (draw)
import Hilum.Chart.Model (Chart (..), Mark (..), Series (..))

-- | Points joined by a line. It has a gap where a number is none.
lineChart :: (Real x, Real y) => [(x, y)] -> Chart
lineChart = single . Line . map doubles

-- | Points on their own.
scatterChart :: (Real x, Real y) => [(x, y)] -> Chart
scatterChart = single . Points . map doubles

-- | A bar for each named number. Charts of bars that are joined by '<>' stand side by side.
barChart :: Real y => [(String, y)] -> Chart
barChart = single . Bars . map (fmap double)

-- | How often values fall into each of a row of intervals.
histogram :: Real x => [x] -> Chart
histogram = single . Spread . map double

-- | With a name for the legend.
named :: String -> Chart -> Chart
named name chart = chart { series = [s { seriesName = Just name } | s <- series chart] }

-- | With a title.
titled :: String -> Chart -> Chart
titled title chart = chart { chartTitle = Just title }

-- | With names for the horizontal and the vertical axis; an empty one is not shown.
axes :: String -> String -> Chart -> Chart
axes x y chart = chart { xTitle = given x, yTitle = given y }
  where
    given "" = Nothing
    given name = Just name

-- | With this width and height, in pixels.
sized :: Int -> Int -> Chart -> Chart
sized width height chart = chart { chartSize = Just (between 120 4000 width, between 90 4000 height) }
  where
    between low high = max low . min high

-- | With about this many intervals in a histogram.
bins :: Int -> Chart -> Chart
bins count chart = chart { binCount = Just (max 1 (min 1000 count)) }

-- | The text of the image, to be written into a file.
chartSvg :: Chart -> String
chartSvg = draw

single :: Mark -> Chart
single mark = mempty { series = [Series Nothing mark] }

doubles :: (Real x, Real y) => (x, y) -> (Double, Double)
doubles (x, y) = (double x, double y)

-- Numbers that are none become infinite here, and are left out like those.
double :: Real a => a -> Double
double = fromRational . toRational
