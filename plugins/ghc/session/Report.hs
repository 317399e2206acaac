-- | Problems as diagnostics for the driver.
module Report
  ( problemContent
  , reportProblems
  ) where

import Data.Char (isSpace)
import Data.List (dropWhileEnd, foldl', isInfixOf, isPrefixOf, isSuffixOf, sortOn, stripPrefix)
import Driver (Driver, output)
import Json (Value, object, (.=))
import Span (Problem (..), Severity (..), Span (..), codePointColumn, columnAfter)

-- | Sends what GHC says about a cell.
reportProblems :: Driver -> String -> [Problem] -> IO ()
reportProblems driver code =
  mapM_ (output driver "diagnostic" . problemContent code) . sortOn problemSpan

-- | A diagnostic about the cell with this text.
problemContent :: String -> Problem -> Value
problemContent code problem =
  object
    ([ "source" .= spanFile place | inFile place ] ++
    [ "severity" .= severityName (problemSeverity problem)
    , "code" .= codeOf problem
    , "name" .= nameOf problem
    , "message" .= message
    , "span" .= spanContent code place
    , "traceback" .= (headline : map ("    " ++) (lines message) ++ excerpt code place)
    , "notes" .= problemMore problem
    ])
  where
    place = withinCell code (problemSpan problem)
    message = trimEnd (plainNames (problemText problem))
    headline = concat
      [ placeName place
      , severityName (problemSeverity problem)
      , ":"
      , maybe "" (\flag -> " [" ++ flag ++ "]") (problemFlag problem)
      ]

-- What shows a value is called `print` in GHCi, and so it is in what GHC says.
plainNames :: String -> String
plainNames text
  | Just rest <- stripPrefix "Hilum.Session.printShown" text = "print" ++ plainNames rest
  | Just rest <- stripPrefix "Hilum.Session.printValue" text = "print" ++ plainNames rest
  | otherwise = case text of
      c : rest -> c : plainNames rest
      [] -> []

severityName :: Severity -> String
severityName severity = case severity of
  IsNote -> "note"
  IsWarning -> "warning"
  IsError -> "error"

codeOf :: Problem -> String
codeOf problem = case problemFlag problem of
  Just flag -> flag
  Nothing -> "ghc." ++ problemStage problem

nameOf :: Problem -> String
nameOf problem
  | problemSeverity problem == IsWarning = "Warning"
  | problemStage problem == "parse" = "ParseError"
  | problemStage problem == "directive" = "DirectiveError"
  | "not in scope" `isInfixOf` problemText problem || "Not in scope" `isPrefixOf` problemText problem =
      "ScopeError"
  | otherwise = "TypeError"

placeName :: Span -> String
placeName place
  | spanLine place == 0 = ""
  | otherwise = concat
      [spanFile place, ", line ", show (spanLine place), ", column ", show (spanColumn place), ": "]

-- GHC misses what is not closed on the line behind the last one: that is the end of the cell's text.
withinCell :: String -> Span -> Span
withinCell code place
  | inFile place || spanLine place <= count || count == 0 = place
  | otherwise = place { spanLine = count, spanColumn = end, spanEndLine = count, spanEndColumn = end }
  where
    text = dropWhileEnd (all isSpace) (lines code)
    count = length text
    end = foldl' columnAfter 1 (last text)

-- Is it a place in a module's file? Cells have names without an ending.
inFile :: Span -> Bool
inFile place = any (`isSuffixOf` spanFile place) [".hs", ".lhs"]

spanContent :: String -> Span -> Value
spanContent code place
  | inFile place = object ["line" .= spanLine place, "column" .= spanColumn place, "length" .= (0 :: Int)]
  | spanLine place == 0 = object ["line" .= (0 :: Int), "column" .= (0 :: Int), "length" .= (0 :: Int)]
  | otherwise = object ["line" .= spanLine place, "column" .= start, "length" .= max 0 (end - start)]
  where
    line = lineOf code (spanLine place)
    start = codePointColumn line (spanColumn place)
    end
      | spanEndLine place == spanLine place = codePointColumn line (spanEndColumn place)
      | otherwise = length line + 1

lineOf :: String -> Int -> String
lineOf code number = concat (take 1 (drop (number - 1) (lines code)))

-- The line with a caret under the place, as GHC shows it.
excerpt :: String -> Span -> [String]
excerpt code place
  | spanLine place == 0 || inFile place || all isSpace line = []
  | otherwise =
      [ margin ++ " |"
      , number ++ " | " ++ line
      , margin ++ " | " ++ map blank (take (start - 1) line) ++ replicate (max 1 (end - start)) '^' ++ more
      ]
  where
    line = lineOf code (spanLine place)
    number = show (spanLine place)
    margin = map (const ' ') number
    start = codePointColumn line (spanColumn place)
    oneLine = spanEndLine place == spanLine place
    end = if oneLine then codePointColumn line (spanEndColumn place) else length line + 1
    more = if oneLine then "" else "..."
    blank c = if c == '\t' then c else ' '

trimEnd :: String -> String
trimEnd = reverse . dropWhile isSpace . reverse
