-- | What a directive does, in two parts, because a cell is compiled before it runs.
module Effect
  ( Effect (..)
  , answer
  , both
  , acting
  , onlyLooks
  ) where

import Data.Maybe (isNothing)
import GHC (Ghc)

-- | What a directive does.
data Effect = Effect
  { compiling :: Ghc (Either String String)
  -- ^ Looks things up or changes flags and scope, in the copy of the session that the cell is
  -- compiled against. The text is printed when it is the directive's turn; or what is wrong.
  , running :: Maybe (Ghc (Either String ()))
  -- ^ Done when it is its turn.
  , decides :: Bool
  -- ^ Can what comes after it only be compiled when it has run?
  , observes :: Bool
  -- ^ Is 'compiling' without any effect?
  }

-- | Does it leave the session as it was?
onlyLooks :: Effect -> Bool
onlyLooks effect = observes effect && isNothing (running effect)

-- | Something that is looked up.
answer :: Ghc (Either String String) -> Effect
answer ask = Effect ask Nothing False True

-- | Something that is done when it is its turn.
acting :: Ghc (Either String ()) -> Effect
acting action = Effect (pure (Right "")) (Just action) False True

-- | One after the other.
both :: Effect -> Effect -> Effect
both first second = Effect
  { compiling = do
      a <- compiling first
      case a of
        Left wrong -> pure (Left wrong)
        Right textA -> fmap (join textA) <$> compiling second
  , running = case (running first, running second) of
      (Just a, Just b) -> Just (a >>= either (pure . Left) (const b))
      (Just a, Nothing) -> Just a
      (Nothing, b) -> b
  , decides = decides first || decides second
  , observes = observes first && observes second
  }
  where
    join a b
      | null a = b
      | null b = a
      | otherwise = a ++ "\n" ++ b
