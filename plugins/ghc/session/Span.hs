-- | Places in a cell, and what is said about them.
module Span
  ( Span (..)
  , noSpan
  , Severity (..)
  , Problem (..)
  , codePointColumn
  , columnAfter
  ) where

-- | From a start up to, not including, an end; lines and columns count from 1, columns as GHC
-- counts them (a tab goes to the next multiple of eight). Line 0: unknown.
data Span = Span
  { spanFile :: String
  , spanLine :: !Int
  , spanColumn :: !Int
  , spanEndLine :: !Int
  , spanEndColumn :: !Int
  }
  deriving (Eq, Ord, Show)

-- | Nowhere.
noSpan :: Span
noSpan = Span "" 0 0 0 0

-- | How bad a problem is.
data Severity = IsNote | IsWarning | IsError
  deriving (Eq, Ord, Show)

-- | Something that GHC says about code.
data Problem = Problem
  { problemSeverity :: Severity
  , problemStage :: String
  -- ^ Where it was found: @parse@, @typecheck@ ...
  , problemFlag :: Maybe String
  -- ^ The warning's flag, as @-Wname-shadowing@.
  , problemSpan :: Span
  , problemText :: String
  , problemMore :: [String]
  -- ^ Context and what else helps, as paragraphs.
  }
  deriving (Eq, Show)

-- | The column in code points of a column as GHC counts it, in this line.
codePointColumn :: String -> Int -> Int
codePointColumn line column = go 1 1 line
  where
    go at count rest
      | at >= column = count
      | otherwise = case rest of
          c : more -> go (columnAfter at c) (count + 1 :: Int) more
          [] -> count + (column - at)

-- | The column behind a character in this one, as GHC counts them.
columnAfter :: Int -> Char -> Int
columnAfter column c = if c == '\t' then (column - 1) `div` 8 * 8 + 9 else column + 1
