-- | Statements, declarations and imports. A part of "Compat".
module Compat.Parsing
  ( Statement
  , parseStatement
  , Items (..)
  , parseModuleText
  , hasStatementForm
  , hasModuleForm
  , importPlace
  , hasTemplates
  , namesPackage
  , parserState
  , run
  ) where

import Compat.Problems (fromErrMsg, toSpan)
import Data.Maybe (isJust)
import GHC
import GHC.Data.Bag (bagToList)
import GHC.Data.FastString (fsLit)
import GHC.Data.StringBuffer (stringToStringBuffer)
import GHC.Driver.Session (xopt)
import GHC.LanguageExtensions (Extension (TemplateHaskell))
import qualified GHC.Parser as Parser
import GHC.Parser.Lexer (P, PState, ParseResult (..), getErrorMessages, getMessages, mkPState, unP)
import GHC.Types.SrcLoc (mkRealSrcLoc)
import Span (Problem (..), Span (..))

-- | A statement of a cell.
type Statement = GhciLStmt GhcPs

-- | Reads one statement; 'Nothing' when there is only blank space.
parseStatement :: DynFlags -> String -> Int -> String -> Either [Problem] (Maybe Statement)
parseStatement flags file line code = fmap snd (run Parser.parseStmt flags file line code)

-- | What stands in a module, or in declarations and imports without a module header.
data Items = Items
  { parsedImports :: [ImportDecl GhcPs]
  , parsedDeclarations :: [LHsDecl GhcPs]
  , parsedWarnings :: [Problem]
  }

-- | Reads imports and declarations.
parseModuleText :: DynFlags -> String -> Int -> String -> Either [Problem] Items
parseModuleText flags file line code = do
  (warnings, L _ parsed) <- run Parser.parseModule flags file line code
  pure (Items (map unLoc (hsmodImports parsed)) (hsmodDecls parsed) warnings)

-- | Does the parser come to the end of a text, though an extension may be missing for what it found?
hasStatementForm, hasModuleForm :: DynFlags -> String -> Bool
hasStatementForm = comesToEnd Parser.parseStmt
hasModuleForm = comesToEnd Parser.parseModule

comesToEnd :: P a -> DynFlags -> String -> Bool
comesToEnd reader flags code = case unP reader (parserState flags "" 1 code) of
  POk _ _ -> True
  PFailed _ -> False

-- | Where an import names its module.
importPlace :: ImportDecl GhcPs -> Span
importPlace = toSpan . getLoc . ideclName

-- | Is Template Haskell on?
hasTemplates :: DynFlags -> Bool
hasTemplates = xopt TemplateHaskell

run :: P a -> DynFlags -> String -> Int -> String -> Either [Problem] ([Problem], a)
run reader flags file line code = case unP reader (parserState flags file line code) of
  POk state result ->
    let (warnings, errors) = getMessages state flags
     in if null (bagToList errors)
          then Right (map (fromErrMsg flags "parse") (bagToList warnings), result)
          else Left (map (fromErrMsg flags "parse") (bagToList errors))
  PFailed state -> Left (map (fromErrMsg flags "parse") (bagToList (getErrorMessages state flags)))

parserState :: DynFlags -> String -> Int -> String -> PState
parserState flags file line code =
  mkPState flags (stringToStringBuffer code) (mkRealSrcLoc (fsLit file) line 1)

-- | Does an import say which package its module is of?
namesPackage :: ImportDecl GhcPs -> Bool
namesPackage = isJust . ideclPkgQual
