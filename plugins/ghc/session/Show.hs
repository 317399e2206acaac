-- | @:show@ and @:showi@.
module Show
  ( showCommand
  , showInteractiveCommand
  ) where

import Compat
  ( Reach (..)
  , describeBindings
  , describeImports
  , describeLanguage
  , describeModules
  , describePackages
  , describePaths
  , describeTargets
  )
import Control.Monad.IO.Class (liftIO)
import Data.IORef (IORef, readIORef)
import Effect (Effect (..), acting, answer)
import GHC (Ghc)
import Toggles (Toggles (..))

-- | @:show@.
showCommand :: IORef Toggles -> String -> Effect
showCommand toggles what = case words what of
  ["args"] -> printing (show . toggleArguments <$> current)
  ["prog"] -> printing (show . toggleProgram <$> current)
  ["imports"] -> looking describeImports
  ["bindings"] -> printing describeBindings
  ["modules"] -> looking describeModules
  ["packages"] -> looking describePackages
  ["paths"] -> printing describePaths
  ["language"] -> looking (describeLanguage Everywhere)
  ["languages"] -> looking (describeLanguage Everywhere)
  ["targets"] -> looking describeTargets
  _ -> answer (pure (Left
    "syntax: :show [args | prog | imports | modules | bindings | packages | paths | language | targets]"))
  where
    current = liftIO (readIORef toggles)

-- | @:showi@.
showInteractiveCommand :: String -> Effect
showInteractiveCommand what = case words what of
  ["language"] -> looking (describeLanguage Interactive)
  ["languages"] -> looking (describeLanguage Interactive)
  _ -> answer (pure (Left "syntax: :showi language"))

looking :: Ghc String -> Effect
looking = answer . fmap Right

printing :: Ghc String -> Effect
printing make = acting $ do
  made <- make
  liftIO (putStr (if null made then "" else made ++ "\n"))
  pure (Right ())
