-- | A Haskell session for the driver of the ghc evaluator: docs/worker-protocol.md.
module Main (main) where

import Console (openConsole)
import Driver (Driver, openDriver)
import Engine (startEngine)
import GHC.IO.Encoding (setFileSystemEncoding, setForeignEncoding, setLocaleEncoding, utf8)
import Hello (hello)
import Host (host)
import Link (openLink, send)
import Place (libraryFolder, packageFolder)
import Serve (serve)
import System.Environment (lookupEnv)
import Text.Read (readMaybe)

main :: IO ()
main = do
  mapM_ ($ utf8) [setLocaleEncoding, setFileSystemEncoding, setForeignEncoding]
  fd <- lookupEnv "HILUM_LINK_FD"
  link <- openLink (maybe 3 fromIntegral (fd >>= readMaybe :: Maybe Int))
  send link "hello" 0 =<< hello
  driver <- openDriver link
  host driver (session driver)

session :: Driver -> IO ()
session driver = do
  console <- openConsole driver
  libraries <- libraryFolder
  packages <- packageFolder
  engine <- startEngine driver libraries packages
  serve engine console
