-- | What every session has without an import: showing values, and the forms to show them in.
-- Charts are in "Hilum.Chart".
module Hilum
    ( -- * Showing
      Display (..)
    , display
    , DisplayId (..)
    , newDisplay
    , displayAs
    , update
    , clear
    , clearNext
      -- * Forms
    , Bundle
    , plain
    , html
    , markdown
    , latex
    , math
    , svg
    , javascript
    , json
    , jsonText
    , png
    , jpeg
    , image
    , withSize
      -- * Tables
    , table
    , headed
    , captioned
    , firstRows
    ) where

import Hilum.Bundle
    ( Bundle
    , html
    , javascript
    , jpeg
    , json
    , jsonText
    , latex
    , markdown
    , math
    , plain
    , png
    , svg
    , withSize
    )
import Hilum.Display
    (Display (..), DisplayId (..), clear, clearNext, display, displayAs, newDisplay, update)
import Hilum.Image (image)
import Hilum.Table (captioned, firstRows, headed, table)
