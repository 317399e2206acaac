-- | What a session has, as GHCi lists it. A part of "Compat".
module Compat.Listing
  ( targetOf
  , loadedModules
  , describeModules
  , describeTargets
  , describeImports
  , describeBindings
  , describeNew
  , describePackages
  , describePaths
  , describeLanguage
  , describeSettings
  ) where

import Compat.Describing (renderForUser, describeShort, describeFamily, nameString)
import Compat.Session (Reach (..))
import Control.Monad (filterM)
import Control.Monad.IO.Class (liftIO)
import qualified Data.List as List
import Data.Maybe (fromMaybe)
import qualified Data.Set as Set
import GHC
import GHC.Data.Graph.Directed (SCC (AcyclicSCC))
import GHC.Driver.Session
  ( defaultDynFlags
  , fFlags
  , flagSpecFlag
  , flagSpecName
  , Language (Haskell2010)
  , languageExtensions
  , settings
  , wopt
  , wWarningFlags
  , xFlags
  , xopt
  )
import GHC.Driver.Types (HscEnv (..), InteractiveContext (..))
import GHC.Runtime.Debugger (pprTypeAndContents)
import GHC.Types.Name.Occurrence (isDerivedOccName)
import GHC.Utils.Outputable (empty, ppr)
import System.Directory (getCurrentDirectory)

-- | A module or file that is to be loaded, by its name.
targetOf :: String -> Ghc Target
targetOf name = guessTarget name Nothing

-- | Modules that are loaded, what is imported before what imports it.
loadedModules :: Ghc [ModuleName]
loadedModules = do
  graph <- getModuleGraph
  let names = map ms_mod_name (mgModSummaries' graph)
  filterM isLoaded names

mgModSummaries' :: ModuleGraph -> [ModSummary]
mgModSummaries' graph = [summary | AcyclicSCC summary <- topSortModuleGraph True graph Nothing]

-- | The loaded modules as GHCi lists them.
describeModules :: Ghc String
describeModules = do
  graph <- getModuleGraph
  loaded <- filterM (isLoaded . ms_mod_name) (mgModSummaries' graph)
  List.intercalate "\n" <$> mapM showModule loaded

-- | What was asked to be loaded.
describeTargets :: Ghc String
describeTargets = List.intercalate "\n" . map name <$> getTargets
  where
    name target = case targetId target of
      TargetModule home -> moduleNameString home
      TargetFile file _ -> file

-- | The imports that cells see.
describeImports :: Ghc String
describeImports = List.intercalate "\n" <$> (mapM line =<< getContext)
  where
    line (IIModule name) = pure (":module +*" ++ moduleNameString name)
    line (IIDecl declaration) = do
      shown <- renderForUser (ppr declaration {ideclImplicit = False})
      pure (shown ++ (if ideclImplicit declaration then " -- implicit" else ""))

-- | What cells have bound, with values as far as they are known, and their instances.
describeBindings :: Ghc String
describeBindings = do
  bindings <- filter (not . isDerivedOccName . getOccName) <$> getBindings
  (instances, families) <- getInsts
  documents <- mapM line (reverse bindings)
  List.intercalate "\n" <$>
    mapM renderForUser (documents ++ map pprInstanceHdr instances ++ map describeFamily families)
  where
    line (AnId name) = pprTypeAndContents name
    line thing = do
      info <- getInfo False (getName thing)
      pure (maybe empty (\(found, _, _, _, _) -> describeShort found) info)

-- | What the session has in scope that it had not in this one: each name with its type, each type with
-- its kind.
describeNew :: HscEnv -> Ghc [String]
describeNew before = do
  env <- getSession
  mapM (renderForUser . describeShort) (List.sortOn (nameString . getName) (filter isNew (ic_tythings (hsc_IC env))))
  where
    old = Set.fromList (map getName (ic_tythings (hsc_IC before)))
    isNew thing = getName thing `Set.notMember` old && not (isDerivedOccName (getOccName thing))

-- | Package flags in force.
describePackages :: Ghc String
describePackages = do
  flags <- getSessionDynFlags
  shown <- mapM (renderForUser . ppr) (packageFlags flags)
  pure (List.intercalate "\n  " (("active package flags:" ++ (if null shown then " none" else "")) : shown))

-- | Where files are looked for.
describePaths :: Ghc String
describePaths = do
  flags <- getSessionDynFlags
  here <- liftIO getCurrentDirectory
  pure (List.intercalate "\n"
    (["current working directory: ", "  " ++ here, "module import search paths:"] ++ map ("  " ++) (importPaths flags)))

flagsFor :: Reach -> Ghc DynFlags
flagsFor Interactive = getInteractiveDynFlags
flagsFor Everywhere = getSessionDynFlags

-- | The language and what is changed of it.
describeLanguage :: Reach -> Ghc String
describeLanguage reach = do
  flags <- flagsFor reach
  let used = fromMaybe Haskell2010 (language flags)
      base = show used
      normal = languageExtensions (Just used)
      changed =
        [ (if on then "  -X" else "  -XNo") ++ flagSpecName spec
        | spec <- xFlags
        , let on = xopt (flagSpecFlag spec) flags
        , on /= (flagSpecFlag spec `elem` normal)
        ]
  pure (List.intercalate "\n" (("base language is: " ++ base) : "with the following modifiers:" : List.nub changed))

-- | What @:set@ has set.
describeSettings :: Reach -> Ghc String
describeSettings reach = do
  flags <- flagsFor reach
  languageText <- describeLanguage reach
  let normal = defaultDynFlags (settings flags) (llvmConfig flags)
      option on off test specs =
        [ (if test (flagSpecFlag spec) flags then on else off) ++ flagSpecName spec
        | spec <- specs
        , test (flagSpecFlag spec) flags /= test (flagSpecFlag spec) normal
        ]
  pure (List.intercalate "\n" (concat
    [ [languageText, "other dynamic, non-language, flag settings:"]
    , option "  -f" "  -fno-" gopt fFlags
    , ["warning settings:"]
    , option "  -W" "  -Wno-" wopt wWarningFlags
    ]))
