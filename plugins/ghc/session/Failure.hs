{-# LANGUAGE ScopedTypeVariables #-}
-- | Exceptions of running code as diagnostics.
module Failure
  ( failureContent
  , silentContent
  ) where

import Control.Exception
  ( AsyncException (HeapOverflow)
  , ErrorCall (ErrorCallWithLocation)
  , SomeAsyncException (SomeAsyncException)
  , SomeException (SomeException)
  , displayException
  , fromException
  )
import Data.Char (isDigit, isSpace)
import Data.List (isPrefixOf, stripPrefix)
import Data.Typeable (Typeable, typeOf)
import Json (Value, object, (.=))
import System.Exit (ExitCode (ExitFailure, ExitSuccess))

-- | A diagnostic of severity error for an exception that ended the cell with this name.
failureContent :: String -> SomeException -> Value
failureContent cell failure@(SomeException inner) =
  object
    [ "severity" .= "error"
    , "code" .= "ghc.exception"
    , "name" .= name
    , "message" .= message
    , "span" .= object ["line" .= line, "column" .= column, "length" .= (0 :: Int)]
    , "traceback" .= (headline : stack)
    ]
  where
    name = case fromException failure of
      Just (SomeAsyncException wrapped) -> typeName wrapped
      Nothing -> typeName inner
    typeName :: Typeable e => e -> String
    typeName = takeWhile (/= ' ') . show . typeOf
    headline = case lines message of
      [] -> name
      first : more -> concat (name : ": " : first : concatMap (\l -> ['\n' : l]) more)
    (message, stack) = description failure
    (line, column) = case concatMap (placesIn cell) (stack ++ lines (displayed failure)) of
      place : _ -> place
      [] -> (0 :: Int, 0 :: Int)

-- | The same for an exception whose message cannot be made.
silentContent :: SomeException -> Value
silentContent (SomeException inner) =
  object
    [ "severity" .= "error"
    , "code" .= "ghc.exception"
    , "name" .= show (typeOf inner)
    , "message" .= "an exception whose message cannot be shown"
    ]

-- The message, and the lines of the call stack with places in cells as a person says them.
description :: SomeException -> (String, [String])
description failure
  | Just (ErrorCallWithLocation text stack) <- fromException failure = (cut text, map readable (lines stack))
  | Just HeapOverflow <- fromException failure =
      ("heap overflow: the cell needed more memory than heap_limit allows", [])
  | Just ExitSuccess <- fromException failure = ("the cell asked to exit; the session goes on", [])
  | Just (ExitFailure code) <- fromException failure =
      ("the cell asked to exit with status " ++ show code ++ "; the session goes on", [])
  | otherwise = case break ("CallStack (from" `isPrefixOf`) (lines (displayed failure)) of
      (text, stack) -> (unwords' (map readable text), map readable stack)
  where
    unwords' = trimEnd . unlines

displayed :: SomeException -> String
displayed = cut . displayException

-- A message may go on for ever.
cut :: String -> String
cut text = case splitAt 65536 text of
  (start, []) -> start
  (start, _) -> start ++ "\n... cut"

-- `error, called at cell 12:3:5 in interactive:Ghci4` names the place as `cell 12, line 3, column 5`.
readable :: String -> String
readable text = case splitPlace text of
  Just (before, cell, line, column, after) ->
    concat [before, cell, ", line ", line, column', readable (dropModule after)]
    where
      column' = if null column then "" else ", column " ++ column
  Nothing -> text
  where
    dropModule rest = case stripPrefix " in interactive:Ghci" rest of
      Just more -> dropWhile isDigit more
      Nothing -> rest

-- The first `cell N:LINE:COLUMN` in a text, with what stands before and after it.
splitPlace :: String -> Maybe (String, String, String, String, String)
splitPlace = go ""
  where
    go _ "" = Nothing
    go before rest@(c : more) = case place rest of
      Just (cell, line, column, after) -> Just (reverse before, cell, line, column, after)
      Nothing -> go (c : before) more
    place rest = do
      (number, afterNumber) <- digits =<< stripPrefix "cell " rest
      (line, afterLine) <- digits =<< stripPrefix ":" afterNumber
      let (column, after) = case digits =<< stripPrefix ":" afterLine of
            Just (found, remaining) -> (found, remaining)
            Nothing -> ("", afterLine)
      pure ("cell " ++ number, line, column, dropRange after)
    digits text = case span isDigit text of
      ("", _) -> Nothing
      found -> Just found
    dropRange text = case text of
      '-' : rest@(d : _) | isDigit d -> dropWhile isDigit rest
      _ -> text

-- Line and column of the places in this cell that a line names in its readable form or GHC's.
placesIn :: String -> String -> [(Int, Int)]
placesIn cell text = case splitPlace text of
  Just (_, name, line, column, after)
    | name == cell -> (read line, if null column then 0 else read column) : placesIn cell after
    | otherwise -> placesIn cell after
  Nothing -> readablePlaces
  where
    readablePlaces = case stripPrefix (cell ++ ", line ") (dropTo (cell ++ ", line ") text) of
      Just rest | (line@(_ : _), more) <- span isDigit rest ->
        [(read line, maybe 0 number (stripPrefix ", column " more))]
      _ -> []
    number rest = case span isDigit rest of
      ("", _) -> 0
      (found, _) -> read found
    dropTo wanted rest
      | wanted `isPrefixOf` rest || null rest = rest
      | otherwise = dropTo wanted (drop 1 rest)

trimEnd :: String -> String
trimEnd = reverse . dropWhile isSpace . reverse
