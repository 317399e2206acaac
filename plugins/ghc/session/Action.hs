-- | Expressions that are run for what they do. GHC types an expression as something to show first,
-- and again as an action when its value turns out to be @()@; most statements of a cell are such
-- actions, and to type them is most of the work. What is an action by the type of the function that
-- it calls is read as @it <- action@ at once, which is what GHC comes to.
module Action
  ( asAction
  ) where

import Compat (HscEnv, Statement, rdrString)
import GHC (GhcPs, LHsExpr)
import Compat.Shape (Shape (..), actionOf, bindingIt, hasPlainBinding, isUnitAction, shapeOf)

-- | The statement as an action that binds @it@, if that is likely what it is. A guess: whoever
-- compiles this has to see that it does compile and that @it@ is @()@.
asAction :: HscEnv -> Statement -> IO (Maybe Statement)
asAction env statement = case actionOf statement of
  Just expression | hasPlainBinding env -> do
    likely <- isLikely env expression
    pure (if likely then Just (bindingIt expression) else Nothing)
  _ -> pure Nothing

isLikely :: HscEnv -> LHsExpr GhcPs -> IO Bool
isLikely env expression = case shapeOf expression of
  Named name -> isUnitAction env name
  Apply function _ -> isLikely env function
  Operators operands operators
    | any (`elem` ["$", "=<<"]) (map rdrString operators) -> isLikely env (head operands)
    | any (`elem` [">>", ">>=", "*>"]) (map rdrString operators) -> isLikely env (last operands)
  Choice yes _ -> isLikely env yes
  Sequence actions@(_ : _) -> isLikely env (last actions)
  _ -> pure False
