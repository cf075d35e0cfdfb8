#!/usr/bin/env bash
# Brings Mesa's compilers, and the shims that answer in place of a GPU's kernel driver, from Debian's packages (sid)
# into a folder of their own, and builds the layer that has them talk. Nothing of the system changes. Fetches 84 MB,
# takes 420. Needs apt, a C compiler and Debian's keys (package debian-archive-keyring).
set -eu
cache=${LISTWISE_GPU_COMPILERS:-$HOME/.cache/listwise/gpu-compilers}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
here=$(cd "$(dirname "$0")" && pwd)
apt=$cache/apt

if [ ! -f "$cache/unpacked" ]; then
  mkdir -p "$apt"/{lists,archives}/partial "$cache/root"
  : > "$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$apt/sources.list"
  options=(-o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt"
    -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o APT::Architecture=amd64 -o APT::Sandbox::User=root -o APT::Install-Recommends=false)
  apt-get "${options[@]}" -q update
  apt-get "${options[@]}" -q install --yes --download-only mesa-vulkan-drivers mesa-drm-shim libvulkan1 libvulkan-dev
  for package in "$apt"/archives/*.deb; do dpkg --extract "$package" "$cache/root"; done
  rm -r "$apt"
  touch "$cache/unpacked"
fi

cc -shared -fPIC -O1 -I"$cache/root/usr/include" -o "$cache/layer.so" "$here/layer.c"
cp "$here/layer.json" "$cache/layer.json"
echo "The compilers are in $cache."
