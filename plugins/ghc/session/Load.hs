-- | Modules from files: @:load@, @:add@, @:reload@; and @:module@, @:cd@, @:!@.
module Load
  ( loadCommand
  , addCommand
  , reloadCommand
  , moduleCommand
  , directoryCommand
  , shellCommand
  ) where

import Arguments (arguments, expandHome)
import Compat (forgetPlaces, loadedModules, targetOf)
import Context (addContext, keptImports, moduleImport, removeContext, resetContext)
import Control.Exception (SomeException, onException)
import Control.Monad (forM_, unless, void)
import Control.Monad.Catch (throwM, try)
import Control.Monad.IO.Class (liftIO)
import Data.Char (isSpace, isUpper)
import Data.List (isPrefixOf)
import Effect (Effect (..), acting)
import GHC
  ( Ghc
  , InteractiveImport (..)
  , LoadHowMuch (LoadAllTargets)
  , ModuleName
  , SuccessFlag (..)
  , Target
  , addTarget
  , getContext
  , getTargets
  , ideclName
  , load
  , lookupModule
  , mkModuleName
  , setTargets
  , simpleImportDecl
  , unLoc
  )
import Loops (stoppable)
import System.Directory (setCurrentDirectory)
import System.IO (hFlush, stdout)
import System.Process (createProcess, shell, terminateProcess, waitForProcess)

-- | @:load@: these modules or files and nothing else; the last one is in scope with all its top level.
loadCommand :: String -> Effect
loadCommand argument = deciding $ do
  targets <- targetsOf argument
  before <- getContext
  -- Compiles all of it again, for the warnings and for values that were computed once.
  setTargets []
  void (load LoadAllTargets)
  setTargets targets
  loadAll False before

-- | @:add@: these modules or files too.
addCommand :: String -> Effect
addCommand argument = deciding $ do
  targets <- targetsOf argument
  mapM_ addTarget targets
  getContext >>= loadAll False

-- | @:reload@: what changed since.
reloadCommand :: Effect
reloadCommand = deciding (getContext >>= loadAll True)

targetsOf :: String -> Ghc [Target]
targetsOf argument = liftIO (mapM expandHome (arguments argument)) >>= mapM targetOf

deciding :: Ghc (Either String ()) -> Effect
deciding action = (acting action) {decides = True}

-- What was imported from packages stays in scope; loaded modules come in anew.
loadAll :: Bool -> [InteractiveImport] -> Ghc (Either String ())
loadAll keep before = do
  loading <- try (load LoadAllTargets)
  stoppable
  names <- loadedModules
  kept <- keptImports names before
  latest <- mapM moduleImport (take 1 (reverse names))
  resetContext (if keep then kept else fromPackages names kept ++ latest)
  let outcome = either (const Failed) id loading
  liftIO (putStrLn (summary outcome (length names)))
  case loading of
    Left failure -> throwM (failure :: SomeException)
    Right Succeeded -> pure (Right ())
    Right Failed -> pure (Left "the modules could not be loaded")

summary :: SuccessFlag -> Int -> String
summary outcome count = concat [word outcome, ", ", number, " loaded."]
  where
    word Succeeded = "Ok"
    word Failed = "Failed"
    number = case count of
      0 -> "no modules"
      1 -> "one module"
      _ -> numeral count ++ " modules"
    numeral n = maybe (show n) id (lookup n (zip [2 ..] ["two", "three", "four", "five", "six"]))

fromPackages :: [ModuleName] -> [InteractiveImport] -> [InteractiveImport]
fromPackages names = filter outside
  where
    outside (IIModule _) = False
    outside (IIDecl declaration) = unLoc (ideclName declaration) `notElem` names

-- | @:module@: what is in scope, as @[+/-] [*]module ...@.
moduleCommand :: String -> Effect
moduleCommand argument = Effect
  { compiling = case words argument of
      "+" : names | valid names -> changed (check names >> addContext (map scope names))
      "-" : names | valid names -> changed (removeContext (map moduleName names))
      ['+' : name] | valid [name] -> changed (check [name] >> addContext [scope name])
      ['-' : name] | valid [name] -> changed (removeContext [moduleName name])
      names | valid names -> changed (check names >> resetContext (map scope names))
      _ -> pure (Left "syntax: :module [+/-] [*]<module> ...")
  , running = Nothing
  , decides = False
  , observes = False
  }
  where
    changed action = Right "" <$ action
    valid = all (isName . dropStar)
    isName name = not (null name) && isUpper (head name) && not (any isSpace name)
    check names = forM_ names $ \name -> lookupModule (moduleName name) Nothing
    moduleName = mkModuleName . dropStar
    scope name
      | "*" `isPrefixOf` name = IIModule (moduleName name)
      | otherwise = IIDecl (simpleImportDecl (moduleName name))
    dropStar name = if "*" `isPrefixOf` name then drop 1 name else name

-- | @:cd@. Loaded modules go, because they were found by the folder.
directoryCommand :: String -> Effect
directoryCommand argument = deciding $ do
  targets <- getTargets
  unless (null targets) $ do
    names <- loadedModules
    liftIO (putStrLn "Warning: changing directory causes all loaded modules to be unloaded,\nbecause the search path has changed.")
    setTargets []
    context <- getContext
    void (load LoadAllTargets)
    stoppable
    resetContext (fromPackages names context)
  liftIO (expandHome (if null folder then "~" else folder) >>= setCurrentDirectory)
  forgetPlaces
  pure (Right ())
  where
    folder = trim argument
    trim = reverse . dropWhile isSpace . reverse . dropWhile isSpace

-- | @:!@: a command of the shell, which prints to the cell.
shellCommand :: String -> Effect
shellCommand argument = acting $ liftIO $ do
  hFlush stdout
  (_, _, _, process) <- createProcess (shell argument)
  _ <- waitForProcess process `onException` terminateProcess process
  pure (Right ())
