-- | Is a cell ready to run, or is there more to come?
module IsComplete
  ( isComplete
  ) where

import Chunk
import Compat (interactiveFlags, isUnqualifiedText, parseModuleText, parseStatement, parsedDeclarations, rdrString)
import Cursor (Mode (..), scan)
import Data.Char (isSpace)
import Data.List (isPrefixOf, isSuffixOf)
import GHC (DynFlags, Ghc)
import GHC.Driver.Monad (getSession)
import Json (Value, object, (.=))
import Span (Problem (..), Span (..))
import Compat.Statement (signatureNames)

data Answer = Ready | More Int | Wrong

-- | The content of an is_complete_reply.
isComplete :: String -> Ghc Value
isComplete code = do
  env <- getSession
  let answer = judge (interactiveFlags env) (isUnqualifiedText env) code
  pure $ object $ case answer of
    Ready -> ["status" .= "complete"]
    Wrong -> ["status" .= "invalid"]
    More indent -> ["status" .= "incomplete", "indent" .= replicate indent ' ']

judge :: DynFlags -> (String -> Bool) -> String -> Answer
judge flags known code
  | all isSpace code = Ready
  | otherwise = case mode of
      BlockComment -> More 0
      Pragma _ -> More (indentation final)
      -- A string reaches over the end of a line only by a gap.
      Literal _ | "\\" `isSuffixOf` trimEnd code -> More (indentation final)
                | otherwise -> Wrong
      _ | openBlock -> More 0
        | isModule flags source -> wholeModule
        | otherwise -> maybe Ready (judgeLast flags known code) (lastChunk flags source)
  where
    (mode, _) = scan code
    source = cellSource "cell" code
    final = lastLineOf code
    openBlock = length (filter (== ":{") marks) > length (filter (== ":}") marks)
    marks = map (filter (not . isSpace)) (lines code)
    wholeModule = case parseModuleText flags "cell" 1 code of
      Right _ | endsBlank code -> Ready
              | otherwise -> More (indentation final)
      Left problems -> unreadable code problems

lastChunk :: DynFlags -> Source -> Maybe Chunk
lastChunk flags source = case nextChunk flags source of
  Nothing -> Nothing
  Just (chunk, rest)
    | isBlank rest -> Just chunk
    | otherwise -> maybe (Just chunk) Just (lastChunk flags rest)

judgeLast :: DynFlags -> (String -> Bool) -> String -> Chunk -> Answer
judgeLast flags known code chunk = case chunkKind chunk of
  DirectiveChunk -> Ready
  PragmaChunk -> Ready
  BlockChunk -> Ready
  ImportChunk -> either (unreadable code) (const Ready) asModule
  CodeChunk
    | opensBlock (finalWord code) -> More (indentation final + 2)
    | otherwise -> case (asStatement, asModule) of
        (Right (Just statement), _)
          | Just names <- signatureNames statement, not (all (known . rdrString) names) -> unlessBlank 0
        (Right _, _) -> unlessBlank' (indentation final)
        (_, Right items)
          | null (parsedDeclarations items) -> Ready
          | otherwise -> unlessBlank' (indentation final)
        (Left a, Left b) -> unreadable code (furthest a b)
  where
    text = unlines (chunkLines chunk)
    asStatement = parseStatement flags "cell" (chunkLine chunk) text
    asModule = parseModuleText flags "cell" (chunkLine chunk) text
    final = lastLineOf code
    unlessBlank indent = if endsBlank code then Ready else More indent
    -- A block of several lines ends with a blank one, as the next line may still belong to it.
    unlessBlank' indent
      | indentation final == 0 || endsBlank code = Ready
      | otherwise = More indent
    furthest a b = if reach b > reach a then b else a
    reach problems = maximum ((0, 0) : [(spanLine s, spanColumn s) | s <- map problemSpan problems])

-- What cannot be read goes on if all that is wrong is that it ends.
unreadable :: String -> [Problem] -> Answer
unreadable code problems
  | endsBlank code && length (lines code) > 1 = Wrong
  | any atEnd problems = More (indentation final + (if opens then 2 else 0))
  | otherwise = Wrong
  where
    final = lastLineOf code
    significant = lines (snd (scan (trimEnd code)))
    opens = indentation final == 0 || opensMore (finalWord code)
    atEnd problem =
      let place = problemSpan problem
          lastLine = length significant
          width = length (trimEnd (concat (drop (lastLine - 1) significant)))
       in spanLine place > lastLine || spanLine place == lastLine && spanColumn place > width

-- Words after which layout opens a block: what is in it comes with the next line.
opensBlock :: String -> Bool
opensBlock word = word `elem` ["do", "mdo", "of", "where", "let", "\\case"] || ".do" `isSuffixOf` word

-- Words after which the next line stands further in.
opensMore :: String -> Bool
opensMore word = opensBlock word || word `elem` ["in", "then", "else", "if", "case", "=", "->", "<-", "=>", "::"]

-- The last word of the code, without comments.
finalWord :: String -> String
finalWord code = case reverse (words (snd (scan code))) of
  word : _ | "\\case" `isSuffixOf` word -> "\\case"
           | otherwise -> dropWhile (`elem` "([{") word
  [] -> ""

endsBlank :: String -> Bool
endsBlank code = case reverse (splitLines code) of
  line : _ : _ -> all isSpace line
  _ -> False
  where
    splitLines text = case break (== '\n') text of
      (line, _ : rest) -> line : splitLines rest
      (line, []) -> [line]

lastLineOf :: String -> String
lastLineOf code = case filter (not . all isSpace) (reverse (lines code)) of
  line : _ -> line
  [] -> ""

indentation :: String -> Int
indentation line
  | "\t" `isPrefixOf` line = 8 + indentation (drop 1 line)
  | otherwise = length (takeWhile (== ' ') line)

trimEnd :: String -> String
trimEnd = reverse . dropWhile isSpace . reverse
