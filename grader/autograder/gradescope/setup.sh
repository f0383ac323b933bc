#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. Nothing is downloaded: all that is needed came in the zip.
set -euo pipefail

source="${AUTOGRADER_ROOT:-/autograder}/source"
# Not every program that unpacks zips keeps permissions.
chmod +x "$source/bin/node" "$source/run_autograder"
if ! "$source/bin/node" --version; then
  echo "The Node of this autograder does not run on this image ($(uname -s) on $(uname -m))." >&2
  echo 'It needs Linux on x86-64 with glibc 2.28 or newer: choose Ubuntu 22.04 or newer in the settings of the autograder.' >&2
  exit 1
fi
