-- | Statements that only print: they leave the session as it was, so that no checkpoint has to be
-- made of it.
--
-- That has to be certain, so it is a short list of functions of the base library, known by where
-- they are defined and not by what they are called, and of forms that combine them. All that they
-- are given besides is pure by its type. Whatever is not here counts as a change.
module Looks
  ( onlyPrints
  ) where

import Compat (HscEnv, Statement)
import GHC (GhcPs, LHsExpr, RdrName)
import Compat.Shape (Shape (..), actionOf, hasPlainSyntax, origin, shapeOf)

-- | Is this an expression that prints, at most?
onlyPrints :: HscEnv -> Statement -> Bool
onlyPrints env statement =
  hasPlainSyntax env && maybe False (prints . term (origin env)) (actionOf statement)

-- An expression with its names resolved.
data Term
  = Base (String, String)
  | Nil
  | Call Term Term
  | Composed [Term]
  | InOrder [Term]
  | Branches Term Term
  | Listed [Term]
  | Function Term
  | Unknown
  deriving (Eq)

term :: (RdrName -> Maybe (String, String)) -> LHsExpr GhcPs -> Term
term scope expression = case shapeOf expression of
  Named name -> maybe Unknown Base (scope name)
  Unit -> Nil
  Apply function argument -> Call (term scope function) (term scope argument)
  Operators operands names -> joined (map (term scope) operands) (map scope names)
  Choice yes no -> Branches (term scope yes) (term scope no)
  Sequence actions -> InOrder (map (term scope) actions)
  List elements -> Listed (map (term scope) elements)
  Lambda bound body -> Function (term (\name -> if name `elem` bound then Nothing else scope name) body)
  Other -> Unknown

-- No operator binds as weakly as (@$@), so what is at the right of the first one is an argument. Of
-- others, only those of one kind are understood, which mean the same however they are grouped.
joined :: [Term] -> [Maybe (String, String)] -> Term
joined [operand] [] = operand
joined operands operators = case break (== base "$") operators of
  (before, _ : after) ->
    let (function, argument) = splitAt (length before + 1) operands
     in Call (joined function before) (joined argument after)
  _ | all (== base ".") operators -> Composed operands
    | all (`elem` [base ">>", base "*>"]) operators -> InOrder operands
    | otherwise -> Unknown
  where
    base name = Just ("GHC.Base", name)

prints :: Term -> Bool
prints (InOrder actions) = all prints actions
prints (Branches yes no) = prints yes && prints no
prints action = case spine action [] of
  (Base ("System.IO", name), [_]) | name `elem` ["print", "putStr", "putStrLn", "putChar"] -> True
  (Base ("System.IO", "hPrint"), [handle, _]) -> isConsole handle
  (Base ("GHC.IO.Handle.Text", name), [handle, _]) | name `elem` ["hPutStr", "hPutStrLn", "hPutChar"] ->
    isConsole handle
  (Base ("GHC.IO.Handle", "hFlush"), [handle]) -> isConsole handle
  (Base ("GHC.Base", "when"), [_, inner]) -> prints inner
  (Base ("Control.Monad", "unless"), [_, inner]) -> prints inner
  (Base ("Data.Foldable", name), [function, _]) | name `elem` ["mapM_", "traverse_"] -> prints (anyCall function)
  (Base ("Data.Foldable", name), [_, function]) | name `elem` ["forM_", "for_"] -> prints (anyCall function)
  (Base ("Data.Foldable", name), [Listed actions]) | name `elem` ["sequence_", "sequenceA_"] -> all prints actions
  (Base ("GHC.Base", name), [Nil]) | name `elem` ["pure", "return"] -> True
  (Function body, [_]) -> prints body
  (Composed (function : _), [_]) -> prints (anyCall function)
  _ -> False
  where
    anyCall function = Call function Unknown
    isConsole handle = handle `elem` [Base ("GHC.IO.StdHandles", name) | name <- ["stdout", "stderr"]]

spine :: Term -> [Term] -> (Term, [Term])
spine (Call function argument) arguments = spine function (argument : arguments)
spine function arguments = (function, arguments)
