-- | Tokens of code, with their places. A part of "Compat".
module Compat.Lexing
  ( Lexeme (..)
  , LexemeKind (..)
  , lexemes
  ) where

import Compat.Parsing (parserState)
import Compat.Problems (toSpan)
import GHC
import GHC.Driver.Session (gopt_set)
import GHC.Parser.Lexer (ParseResult (..), Token (..), lexer, unP)
import Span (Span (..), noSpan)

-- | A token or comment with its place.
data Lexeme = Lexeme
  { lexemeSpan :: Span
  , lexemeKind :: LexemeKind
  }

-- | What the splitter has to tell apart.
data LexemeKind
  = Comment String
  | ImportWord
  | ModuleWord
  | Continuation
  -- ^ A token that no item can start with.
  | OpeningBrace
  | ClosingBrace
  -- ^ Braces that are in the text.
  | Layout
  -- ^ A brace or semicolon that is not in the text.
  | OtherToken
  | EndOfText
  | Unreadable
  deriving (Eq)

-- | The tokens of a text that starts at the given line; made as they are asked for.
lexemes :: DynFlags -> String -> Int -> String -> [Lexeme]
lexemes flags file line code = go (parserState (flags `gopt_set` Opt_KeepRawTokenStream) file line code)
  where
    go state = case unP (lexer False pure) state of
      PFailed _ -> [Lexeme noSpan Unreadable]
      POk next (L place token) ->
        let here = toSpan place
         in Lexeme here (kindOf here token) : case token of
              ITeof -> []
              _ -> go next

kindOf :: Span -> Token -> LexemeKind
kindOf place token = case token of
  ITeof -> EndOfText
  ITimport -> ImportWord
  ITmodule -> ModuleWord
  ITlineComment comment -> Comment comment
  ITblockComment comment -> Comment comment
  ITdocCommentNext comment -> Comment comment
  ITdocCommentPrev comment -> Comment comment
  ITdocCommentNamed comment -> Comment comment
  ITdocSection _ comment -> Comment comment
  ITdocOptions comment -> Comment comment
  ITvocurly -> Layout
  ITvccurly -> Layout
  ITsemi | spanColumn place == spanEndColumn place -> Layout
  ITthen -> Continuation
  ITelse -> Continuation
  ITof -> Continuation
  ITin -> Continuation
  ITcparen -> Continuation
  ITcbrack -> Continuation
  ITocurly -> OpeningBrace
  ITccurly -> ClosingBrace
  ITcomma -> Continuation
  _ -> OtherToken
