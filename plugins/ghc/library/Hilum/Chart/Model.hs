-- | What is in a chart.
module Hilum.Chart.Model
    ( Chart (..)
    , Series (..)
    , Mark (..)
    , describe
    ) where

import Control.Applicative ((<|>))
import Data.List (intercalate)

-- | Series of data that share two axes.
data Chart = Chart
    { series :: [Series]
    , chartTitle :: Maybe String
    , xTitle :: Maybe String
    , yTitle :: Maybe String
    , chartSize :: Maybe (Int, Int)
    , binCount :: Maybe Int
    }

-- | One colour's worth of data.
data Series = Series
    { seriesName :: Maybe String
    , seriesMark :: Mark
    }

-- | Data, and how it is drawn.
data Mark
    = Line [(Double, Double)]
    | Points [(Double, Double)]
    | Bars [(String, Double)]
    | Spread [Double]

-- | Both in one; the title and the like of the first one that has them.
instance Semigroup Chart where
    a <> b = Chart
        { series = series a ++ series b
        , chartTitle = chartTitle a <|> chartTitle b
        , xTitle = xTitle a <|> xTitle b
        , yTitle = yTitle a <|> yTitle b
        , chartSize = chartSize a <|> chartSize b
        , binCount = binCount a <|> binCount b
        }

instance Monoid Chart where
    mempty = Chart [] Nothing Nothing Nothing Nothing Nothing

instance Show Chart where
    show = describe

-- | A line of text about the chart, for where there are no images.
describe :: Chart -> String
describe chart = "<chart" ++ foldMap ((' ' :) . show) (chartTitle chart) ++ ": "
    ++ intercalate ", " (map one (series chart)) ++ ">"
  where
    one s = foldMap (++ ": ") (seriesName s) ++ case seriesMark s of
        Line points -> "line of " ++ counted points "point"
        Points points -> counted points "point"
        Bars bars -> counted bars "bar"
        Spread values -> "histogram of " ++ counted values "value"
    counted items noun = show count ++ " " ++ noun ++ (if count == 1 then "" else "s")
      where
        count = length items
