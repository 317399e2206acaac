-- | Cutting a cell into its items: what a file would have as one import, declaration, equation, or
-- GHCi as one line of input.
--
-- An item starts at a token in the column of the first one. What is a token depends on the
-- extensions that the items before switched on, so a cell is cut item by item.
module Chunk
  ( Source (..)
  , cellSource
  , isBlank
  , Chunk (..)
  , ChunkKind (..)
  , nextChunk
  , isModule
  , joined
  ) where

import Compat (Lexeme (..), LexemeKind (..), lexemes)
import Data.Char (isSpace, toLower)
import Data.List (isPrefixOf)
import GHC (DynFlags)
import Span (Span (..))

-- | Lines of a cell that are still to be read, with the number of the first.
data Source = Source
  { sourceName :: String
  , sourceLine :: !Int
  , sourceLines :: [String]
  }

-- | What one item is, as far as its first token tells.
data ChunkKind
  = PragmaChunk
  -- ^ @{-\# LANGUAGE .. \#-}@ or @{-\# OPTIONS_GHC .. \#-}@.
  | ImportChunk
  | DirectiveChunk
  | CodeChunk
  | BlockChunk
  -- ^ What stood between @:{@ and @:}@.
  deriving (Eq, Show)

-- | One item; its text has all the lines from the first on.
data Chunk = Chunk
  { chunkKind :: ChunkKind
  , chunkLine :: !Int
  , chunkLines :: [String]
  }

-- | The whole of a cell.
cellSource :: String -> String -> Source
cellSource name code = Source name 1 (lines (filter (/= '\r') code))

-- | Is nothing left but blank lines?
isBlank :: Source -> Bool
isBlank = all (all isSpace) . sourceLines

-- | The text of chunks that follow each other, with the lines between them.
joined :: Source -> [Chunk] -> (Int, String)
joined _ [] = (1, "")
joined source chunks@(first : _) = (chunkLine first, unlines (take (end - chunkLine first) from))
  where
    from = drop (chunkLine first - sourceLine source) (sourceLines source)
    end = chunkLine final + length (chunkLines final)
    final = last chunks

-- | The next item and what comes after it.
nextChunk :: DynFlags -> Source -> Maybe (Chunk, Source)
nextChunk flags source = case significant (tokens source) of
  Nothing -> Nothing
  Just first -> Just (cut first)
  where
    tokens rest = lexemes flags (sourceName rest) (sourceLine rest) (unlines (sourceLines rest))
    cut first
      | Comment _ <- lexemeKind first = takeLines PragmaChunk (spanEndLine (lexemeSpan first) + 1)
      | lexemeKind first == Unreadable = textual
      | isDirective = case directiveBlock of
          Just found -> found
          Nothing -> takeLines DirectiveChunk (line + 1)
      | otherwise =
          let kind = if lexemeKind first == ImportWord then ImportChunk else CodeChunk
           in takeLines kind (boundary line column (tokens source))
      where
        line = spanLine (lexemeSpan first)
        column = spanColumn (lexemeSpan first)
        lineText = textOf line
        isDirective = take 1 (dropWhile isSpace lineText) == ":"
        directiveBlock
          | trim lineText == ":{" = Just (block line)
          | otherwise = Nothing
    -- The text cannot be read as tokens: by the first column alone.
    textual =
      let blanks = length (takeWhile (all isSpace) (sourceLines source))
          start = sourceLine source + blanks
          indentation = length (takeWhile isSpace (textOf start))
          ends = [ n | (n, text) <- zip [start + 1 ..] (drop (blanks + 1) (sourceLines source))
                     , not (all isSpace text), length (takeWhile isSpace text) <= indentation ]
          directive = take 1 (dropWhile isSpace (textOf start)) == ":"
          kind = if directive then DirectiveChunk else CodeChunk
       in takeLinesFrom kind start (if directive then start + 1 else head (ends ++ [lastLine + 1]))
    block line =
      let (inside, rest) = break ((== ":}") . trim) (drop (line - sourceLine source + 1) (sourceLines source))
          next = line + 1 + length inside + length (take 1 rest)
       in (Chunk BlockChunk (line + 1) inside, from next)
    takeLines kind = takeLinesFrom kind (sourceLine source)
    takeLinesFrom kind start next =
      ( Chunk kind start (take (next - start) (drop (start - sourceLine source) (sourceLines source)))
      , from next )
    from next = source {sourceLine = next, sourceLines = drop (next - sourceLine source) (sourceLines source)}
    textOf line = concat (take 1 (drop (line - sourceLine source) (sourceLines source)))
    lastLine = sourceLine source + length (sourceLines source) - 1

-- | Is this cell a whole module?
isModule :: DynFlags -> Source -> Bool
isModule flags source =
  case filter (not . isAside . lexemeKind) (lexemes flags "" 1 (unlines (sourceLines source))) of
    first : _ -> lexemeKind first == ModuleWord
    [] -> False
  where
    isAside (Comment _) = True
    isAside Layout = True
    isAside _ = False

-- The first lexeme that is not a plain comment.
significant :: [Lexeme] -> Maybe Lexeme
significant [] = Nothing
significant (lexeme : rest) = case lexemeKind lexeme of
  EndOfText -> Nothing
  Layout -> significant rest
  Comment text | not (isHeaderPragma text) -> significant rest
  _ -> Just lexeme

-- The line at which the item ends that starts at this place. Within braces the layout means nothing.
boundary :: Int -> Int -> [Lexeme] -> Int
boundary line column = go (0 :: Int) (line + 1) . dropWhile before
  where
    before lexeme = lexemeKind lexeme /= Unreadable && spanLine (lexemeSpan lexeme) < line
    go _ end [] = end
    go depth end (lexeme : rest) = case lexemeKind lexeme of
      Layout -> go depth end rest
      Comment text
        | isHeaderPragma text && begins -> end
        | otherwise -> go depth end rest
      EndOfText -> end
      -- What is wrong is the parser's to say; the item takes all that is left.
      Unreadable -> maxBound
      Continuation -> go depth after rest
      ClosingBrace -> go (max 0 (depth - 1)) after rest
      kind
        | begins -> end
        | otherwise -> go (if kind == OpeningBrace then depth + 1 else depth) (max end after) rest
      where
        place = lexemeSpan lexeme
        begins = depth == 0 && starts place
        after = spanEndLine place + 1
    starts place = spanLine place > line && spanColumn place <= column

isHeaderPragma :: String -> Bool
isHeaderPragma text = case map toLower (dropWhile isSpace (drop 3 text)) of
  word -> "{-#" `isPrefixOf` text && any (`isPrefixOf` word) ["language", "options_ghc", "options ", "include"]

trim :: String -> String
trim = reverse . dropWhile isSpace . reverse . dropWhile isSpace
