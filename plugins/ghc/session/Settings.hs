-- | @:set@, @:seti@, @:unset@ and what the notebooks of IHaskell have for them.
module Settings
  ( setCommand
  , setInteractiveCommand
  , unsetCommand
  , extensionCommand
  , optionCommand
  ) where

import Arguments (arguments)
import Compat (Reach (..), describeSettings)
import Control.Monad.IO.Class (liftIO)
import Data.Char (isSpace)
import Data.IORef (IORef, modifyIORef')
import Data.List (intercalate, isInfixOf, isPrefixOf, partition, stripPrefix)
import Effect (Effect (..), answer, both)
import Flags (setFlags)
import GHC (Ghc)
import Toggles (Toggles (..), noToggles)

-- | @:set@: flags, @+t@ and @+s@, arguments and name of the program.
setCommand :: IORef Toggles -> String -> Effect
setCommand toggles argument = case words argument of
  [] -> answer (Right <$> describeSettings Everywhere)
  "args" : _ -> atRun (\t -> t {toggleArguments = arguments rest})
  "prog" : _ -> case arguments rest of
    [name] -> atRun (\t -> t {toggleProgram = name})
    _ -> answer (pure (Left "syntax: :set prog <progname>"))
  word : _ | word `elem` ["prompt", "prompt-cont", "prompt-function", "editor", "stop"] ->
    answer (pure (Right (word ++ " has no meaning in a notebook")))
  options -> change toggles Everywhere True options
  where
    rest = dropWhile isSpace (dropWhile (not . isSpace) argument)
    atRun update = (answer (pure (Right ""))) {running = Just (Right <$> modifyToggles toggles update)}

-- | @:seti@: flags for the code of cells only, not for modules that are loaded.
setInteractiveCommand :: IORef Toggles -> String -> Effect
setInteractiveCommand toggles argument = case words argument of
  [] -> answer (Right <$> describeSettings Interactive)
  options -> change toggles Interactive True options

-- | @:unset@.
unsetCommand :: IORef Toggles -> String -> Effect
unsetCommand toggles argument = case words argument of
  [] -> answer (pure (Left "syntax: :unset <option> ..."))
  ["args"] -> atRun (\t -> t {toggleArguments = toggleArguments noToggles})
  ["prog"] -> atRun (\t -> t {toggleProgram = toggleProgram noToggles})
  options -> case mapM opposite options of
    Left option -> answer (pure (Left ("don't know how to reverse " ++ option)))
    Right reversed -> change toggles Everywhere False reversed
  where
    atRun update = (answer (pure (Right ""))) {running = Just (Right <$> modifyToggles toggles update)}
    opposite option
      | "+" `isPrefixOf` option = Right option
      | Just name <- stripPrefix "-XNo" option = Right ("-X" ++ name)
      | Just name <- stripPrefix "-X" option = Right ("-XNo" ++ name)
      | Just name <- stripPrefix "-fno-" option = Right ("-f" ++ name)
      | Just name <- stripPrefix "-f" option = Right ("-fno-" ++ name)
      | Just name <- stripPrefix "-Wno-" option = Right ("-W" ++ name)
      | option == "-Wall" = Right "-w"
      | Just name <- stripPrefix "-W" option = Right ("-Wno-" ++ name)
      | otherwise = Left option

-- | @:ext@ and @:extension@ of IHaskell: extensions by name.
extensionCommand :: IORef Toggles -> String -> Effect
extensionCommand toggles argument = case words argument of
  [] -> answer (pure (Left "syntax: :extension <name> ..."))
  names -> change toggles Everywhere True (map extension names)
  where
    extension name = if "-X" `isPrefixOf` name then name else "-X" ++ name

-- | @:opt@ and @:option@ of IHaskell. Its options are about its own display; the one that means
-- something here is obeyed.
optionCommand :: IORef Toggles -> String -> Effect
optionCommand toggles argument = case words argument of
  [] -> answer (pure (Left "syntax: :option <name> ..."))
  names -> foldr1 both (map one names)
  where
    one "show-types" = atRun True
    one "no-show-types" = atRun False
    one name
      | name `elem` known = answer (pure (Right ""))
      | otherwise = answer (pure (Right ("note: there is no option " ++ name)))
    known =
      [ prefix ++ name
      | name <- ["lint", "svg", "show-errors", "pager", "hoogle"], prefix <- ["", "no-"] ]
    atRun on = (answer (pure (Right ""))) {running = Just (Right <$> modifyToggles toggles (\t -> t {toggleTypes = on}))}

change :: IORef Toggles -> Reach -> Bool -> [String] -> Effect
change toggles reach on options
  | unknown@(_ : _) <- filter (`notElem` ["+t", "+s", "+m", "+r", "+c"]) plus =
      answer (pure (Left ("unknown option: " ++ unwords unknown)))
  | any ("package" `isInfixOf`) flags = switched
      -- GHC unloads what cells have defined, which no copy of the session gets back.
      { running = Just (setFlags reach flags >>= either (pure . Left) told)
      , decides = True
      }
  | otherwise = switched
      {compiling = if null flags then pure (Right "") else fmap (intercalate "\n") <$> setFlags reach flags}
  where
    (plus, flags) = partition ("+" `isPrefixOf`) options
    switched = Effect
      { compiling = pure (Right "")
      , running = if null plus then Nothing else Just (Right <$> modifyToggles toggles switch)
      , decides = False
      , observes = False
      }
    told remarks = Right <$> (liftIO (mapM_ putStrLn remarks) >> modifyToggles toggles switch)
    switch t = foldr one t plus
    one "+t" t = t {toggleTypes = on}
    one "+s" t = t {toggleStatistics = on}
    one _ t = t

modifyToggles :: IORef Toggles -> (Toggles -> Toggles) -> Ghc ()
modifyToggles toggles = liftIO . modifyIORef' toggles
