{-# OPTIONS_GHC -Wno-orphans #-}

-- | A chart as the text of an SVG image.
module Hilum.Chart.Draw (draw) where

import Data.Maybe (fromMaybe, isJust)

import Hilum.Bundle (plain, svg)
import Hilum.Chart.Marks (Area (..), drawMarks, fontSize, palette, px)
import Hilum.Chart.Model (Chart (..), Series (..), describe)
import Hilum.Chart.Plan (Plan (..), plan)
import Hilum.Chart.Scale (Scale (..), Tick (..), place)
import Hilum.Display (Display (toBundle))
import Hilum.Markup (Markup, element, leaf, render, text)
import Hilum.TextWidth (textEms)

-- The type knows nothing of how it is drawn, so that the instance is here.
instance Display Chart where
    toBundle chart = svg (draw chart) <> plain (describe chart)

-- | The image, complete with its background.
draw :: Chart -> String
draw chart = render (element "svg" attributes (background <> heading <> legend <> frame <> marks))
  where
    (width, height) = fromMaybe (640, 400) (chartSize chart)
    attributes =
        [ ("xmlns", "http://www.w3.org/2000/svg")
        , ("width", show width)
        , ("height", show height)
        , ("viewBox", unwords ["0 0", show width, show height])
        , ("role", "img")
        , ("aria-label", fromMaybe (describe chart) (chartTitle chart))
        , ("font-family", "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif")
        , ("font-size", px fontSize)
        ]
    background = leaf "rect" [("width", "100%"), ("height", "100%"), ("rx", "4"), ("fill", "#ffffff")]
    layout = arrange chart (fromIntegral width) (fromIntegral height)
    heading = foldMap (titleText layout) (chartTitle chart)
    legend = foldMap id (legendItems layout)
    frame = drawAxes chart layout
    marks = drawMarks (layoutPlan layout) (layoutArea layout)

data Layout = Layout
    { layoutArea :: Area
    , layoutPlan :: Plan
    , layoutWidth :: Double
    , layoutHeight :: Double
    , legendItems :: [Markup]
    , slanted :: Bool
    -- ^ Names under the bars are written askew, as they are too long.
    }

-- Room is left for what stands around the area: how much of it is known from the texts.
arrange :: Chart -> Double -> Double -> Layout
arrange chart width height = Layout
    { layoutArea = area
    , layoutPlan = planned
    , layoutWidth = width
    , layoutHeight = height
    , legendItems = items
    , slanted = askew
    }
  where
    planned = plan chart (max 2 (round ((width - 80) / 85))) (max 2 (round ((height - 90) / 48)))
    widest scale = maximum (0 : [textWidth (tickLabel t) | t <- ticks scale])
    margin = 14 + (if isJust (yTitle chart) then 20 else 0) + widest (yScale planned) + 8
    -- A slanted name reaches to the left of its bar.
    left = case names of
        first : _ | askew ->
            let half = 0.5 / fromIntegral (length names)
            in max margin ((0.82 * textWidth first + 8 - half * (width - right)) / (1 - half))
        _ -> margin
    right = max 18 (overhang (xScale planned))
    overhang scale = case reverse (ticks scale) of
        final : _ | null (categories planned) -> textWidth (tickLabel final) / 2 + 6
        _ -> 18
    titleHeight = if isJust (chartTitle chart) then 30 else 10
    (items, legendHeight) = legendRows chart left (titleHeight + 4) (width - right)
    top = titleHeight + legendHeight + 8
    names = map shortened (categories planned)
    slot = (width - margin - right) / fromIntegral (max 1 (length names))
    askew = any ((> slot - 6) . textWidth) names
    labels
        | askew = 14 + 0.6 * maximum (map textWidth names)
        | otherwise = 22
    bottom = 10 + labels + (if isJust (xTitle chart) then 20 else 0)
    area = Area
        { areaLeft = left
        , areaTop = top
        , areaRight = max (left + 20) (width - right)
        , areaBottom = max (top + 20) (height - bottom)
        }

textWidth :: String -> Double
textWidth = (* fontSize) . textEms

titleText :: Layout -> String -> Markup
titleText layout title = element "text"
    [ ("x", px (layoutWidth layout / 2)), ("y", "24"), ("text-anchor", "middle"), ("font-size", "15")
    , ("font-weight", "600"), ("fill", "#222222") ]
    (text title)

-- Names of the series in rows, and how high these are.
legendRows :: Chart -> Double -> Double -> Double -> ([Markup], Double)
legendRows chart left top right
    | null entries = ([], 0)
    | otherwise = go left top entries
  where
    entries = [(colour, name) | (colour, Series (Just name) _) <- zip palette (series chart)]
    go _ y [] = ([], y + 18 - top)
    go x y ((colour, name) : rest)
        | x > left && x + size > right = go left (y + 18) ((colour, name) : rest)
        | otherwise =
            let (others, height) = go (x + size) y rest
            in (entry x y colour name : others, height)
      where
        size = 18 + textWidth name + 14
    entry x y colour name =
        leaf "rect" [("x", px x), ("y", px (y + 2)), ("width", "12"), ("height", "12"), ("rx", "2"), ("fill", colour)]
            <> element "text" [("x", px (x + 18)), ("y", px (y + 12)), ("fill", "#333333")] (text name)

drawAxes :: Chart -> Layout -> Markup
drawAxes chart layout = foldMap grid (ticks y) <> base <> xLabels <> xName <> yName
  where
    planned = layoutPlan layout
    area = layoutArea layout
    (x, y) = (xScale planned, yScale planned)
    atX v = areaLeft area + place x v * (areaRight area - areaLeft area)
    atY v = areaBottom area - place y v * (areaBottom area - areaTop area)
    grid tick =
        rule "#e4e4e4" (areaLeft area) (atY (tickValue tick)) (areaRight area) (atY (tickValue tick))
            <> element "text" (at (areaLeft area - 8) (atY (tickValue tick) + 4) "end") (text (tickLabel tick))
    base = rule "#888888" (areaLeft area) baseline (areaRight area) baseline
    baseline
        | low y < 0 && high y > 0 && not (null (categories planned)) = atY 0
        | otherwise = areaBottom area
    xLabels
        | null (categories planned) = foldMap numeric (ticks x)
        | otherwise = foldMap named (zip [1 ..] (categories planned))
    numeric tick =
        rule "#888888" (atX (tickValue tick)) (areaBottom area) (atX (tickValue tick)) (areaBottom area + 5)
            <> element "text" (at (atX (tickValue tick)) (areaBottom area + 19) "middle") (text (tickLabel tick))
    named (n, name)
        | slanted layout =
            let (cx, cy) = (atX n + 4, areaBottom area + 14)
            in element "text" (at cx cy "end" ++ [("transform", "rotate(-35 " ++ px cx ++ " " ++ px cy ++ ")")])
                (text (shortened name))
        | otherwise = element "text" (at (atX n) (areaBottom area + 19) "middle") (text name)
    at cx cy anchor = [("x", px cx), ("y", px cy), ("text-anchor", anchor), ("fill", "#555555")]
    middleX = (areaLeft area + areaRight area) / 2
    middleY = (areaTop area + areaBottom area) / 2
    xName = flip foldMap (xTitle chart) $ \name ->
        element "text" (("font-weight", "500") : at middleX (layoutHeight layout - 10) "middle") (text name)
    yName = flip foldMap (yTitle chart) $ \name ->
        element "text"
            (("font-weight", "500") : at 18 middleY "middle" ++ [("transform", "rotate(-90 18 " ++ px middleY ++ ")")])
            (text name)

rule :: String -> Double -> Double -> Double -> Double -> Markup
rule colour x1 y1 x2 y2 = leaf "line"
    [("x1", px x1), ("y1", px y1), ("x2", px x2), ("y2", px y2), ("stroke", colour), ("stroke-width", "1")]

shortened :: String -> String
shortened name
    | length name > 24 = take 23 name ++ "\x2026"
    | otherwise = name
