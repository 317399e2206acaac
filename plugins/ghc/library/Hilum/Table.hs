{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE ScopedTypeVariables #-}

-- | Lists and maps as tables: HTML, Markdown and text.
module Hilum.Table
    ( Table
    , ToTable (..)
    , headed
    , captioned
    , firstRows
    , ToRow (..)
    , ToCell (..)
    ) where

import Data.List (intercalate, nub, transpose)
import qualified Data.Map as Map
import Data.Maybe (fromMaybe)
import Data.Proxy (Proxy (Proxy))

import Hilum.Bundle (Bundle, html, markdown, plain)
import Hilum.Cell (Align (AtLeft, AtRight), Cell (..), ToCell (toCell))
import Hilum.Display (Display (toBundle))
import Hilum.Markup (Markup, element, raw, render, text)
import Hilum.Row (Column, ToRow (columnsOf, toRow))
import Hilum.TextWidth (padLeft, padRight, textColumns)

-- | Rows under headings.
data Table = Table
    { known :: [Column]
    , names :: [String]
    , caption :: Maybe String
    , limit :: Int
    , rows :: [[(Column, Cell)]]
    }

-- | What can be shown as a table.
class ToTable t where
    -- | > table [("Ada", 1815), ("Alan", 1912)]
    -- > table people                -- a list of records that derive Generic
    -- > table (Map.fromList [(1, "one")])
    table :: t -> Table

instance ToRow a => ToTable [a] where
    table values = Table (columnsOf (Proxy :: Proxy a)) [] Nothing 1000 (map toRow values)

-- | The key first, then what the value has.
instance {-# OVERLAPPABLE #-} (ToCell k, ToRow v) => ToTable (Map.Map k v) where
    table entries = Table ("key" : columnsOf (Proxy :: Proxy v)) [] Nothing 1000
        [("key", toCell key) : toRow value | (key, value) <- Map.toList entries]

-- | With these headings, for rows that have none of their own or should have others.
headed :: [String] -> Table -> Table
headed headings t = t { names = headings }

captioned :: String -> Table -> Table
captioned title t = t { caption = Just title }

-- | Shows this many rows at most (otherwise 1000) and says that there are more.
firstRows :: Int -> Table -> Table
firstRows count t = t { limit = max 0 count }

instance Display Table where
    toBundle = tableBundle

-- | As text, for tables inside other values.
instance Show Table where
    show = asText . grid

-- What is shown: headings, alignment of the columns, the rows, and a line about those left out.
data Grid = Grid
    { title :: Maybe String
    , headings :: [String]
    , aligns :: [Align]
    , body :: [[Cell]]
    , more :: Maybe String
    }

tableBundle :: Table -> Bundle
tableBundle t = html (asHtml shown) <> markdown (asMarkdown shown) <> plain (asText shown)
  where
    shown = grid t

grid :: Table -> Grid
grid t = Grid
    { title = caption t
    , headings = zipWith fromMaybe columns (map Just (names t) ++ repeat Nothing)
    , aligns = map align (transpose cells)
    , body = cells
    , more = if null rest then Nothing else Just (left rest)
    }
  where
    (visible, rest) = splitAt (limit t) (rows t)
    columns = nub (known t ++ concatMap (map fst) visible)
    cells = [[fromMaybe (toCell "") (lookup column row) | column <- columns] | row <- visible]
    align column = case [cellAlign cell | cell <- column, not (null (cellText cell))] of
        found@(_ : _) | all (== AtRight) found -> AtRight
        _ -> AtLeft
    -- The list may be endless, so its rows are counted up to a point.
    left others = case splitAt 1000000 others of
        (counted, []) -> "and " ++ show (length counted) ++ " more"
        _ -> "and more than 1000000 more"

asHtml :: Grid -> String
asHtml g = render $ element "table" [] $
    foldMap (element "caption" [] . text) (title g)
        <> element "thead" [] (row (zipWith heading alignments (headings g)))
        <> element "tbody" [] (foldMap (row . zipWith datum alignments) (body g))
        <> foldMap footer (more g)
  where
    alignments = map style (aligns g) ++ repeat []
    style AtRight = [("style", "text-align: right")]
    style AtLeft = [("style", "text-align: left")]
    row cells = element "tr" [] (mconcat cells)
    heading attributes = element "th" attributes . text
    datum attributes = element "td" attributes . cellMarkup
    footer note = element "tfoot" [] (row
        [element "td" [("colspan", show (max 1 (length (headings g))))] (element "i" [] (text note))])

cellMarkup :: Cell -> Markup
cellMarkup cell = maybe (text (cellText cell)) raw (cellHtml cell)

asMarkdown :: Grid -> String
asMarkdown g = intercalate "\n" (concatMap captionLines (title g) ++ grid' ++ foldMap moreLines (more g))
  where
    captionLines line = ["**" ++ escape line ++ "**", ""]
    moreLines line = ["", "*" ++ line ++ "*"]
    grid' = line (map escape (headings g)) : line (map rule alignments)
        : [line (map (escape . cellText) cells) | cells <- body g]
    alignments = take (length (headings g)) (aligns g ++ repeat AtLeft)
    line cells = "| " ++ intercalate " | " cells ++ " |"
    rule AtRight = "---:"
    rule AtLeft = ":---"
    escape = concatMap escapeChar
    escapeChar c
        | c == '\n' = "<br>"
        | c == '<' = "&lt;"
        | c `elem` "|\\`*_[]#" = ['\\', c]
        | otherwise = [c]

asText :: Grid -> String
asText g = intercalate "\n" (foldMap pure (title g) ++ grid' ++ foldMap pure (more g))
  where
    grid' = line (headings g) : map dash widths `joined` "-+-"
        : map (line . map (oneLine . cellText)) (body g)
    joined cells separator = intercalate separator cells
    dash width = replicate width '-'
    line cells = trimmed (zipWith3 pad alignments widths cells `joined` " | ")
    trimmed = reverse . dropWhile (== ' ') . reverse
    pad AtRight = padLeft
    pad AtLeft = padRight
    alignments = aligns g ++ repeat AtLeft
    widths = map (maximum . map textColumns)
        (transpose (headings g : map (map (oneLine . cellText)) (body g)))
    oneLine = map (\c -> if c < ' ' then ' ' else c)
