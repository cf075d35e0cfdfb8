#!/bin/sh
# Checks and measures listwise on this machine's NVIDIA GPU:  sh run.sh [folder for the results] [--size small]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
home=$here/unpacked
mkdir -p "$home" 2>/dev/null && [ -w "$home" ] || home=$(mktemp -d)
tar -xzmf "$here/contents.tar.gz" --no-same-owner -C "$home"

# The driver's libraries lie in /usr/local/nvidia where a container gets them from its host.
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$home/lib:/usr/local/nvidia/lib64"

# The packed C++ library is for machines whose own is missing or too old.
loads() { "$home/node" -e 'require(process.argv[1])' "$home/node_modules/webgpu/dist/linux-x64/dawn.node"; }
loads 2>/dev/null || export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$home/lib/c++"
loads

# Which of NVIDIA's Vulkan drivers works: the one that is installed, or one of its libraries by name.
if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then
  found=
  for icd in /usr/share/vulkan/icd.d/nvidia*.json /etc/vulkan/icd.d/nvidia*.json \
    /usr/local/nvidia/share/vulkan/icd.d/nvidia*.json "$home"/icd/nvidia*.json; do
    [ -e "$icd" ] || continue
    export VK_DRIVER_FILES="$icd" VK_ICD_FILENAMES="$icd"
    if "$home/node" "$home/program/probe.mjs" 2>/dev/null; then
      found=$icd
      break
    fi
  done
  if [ -z "$found" ]; then
    echo 'No Vulkan driver of NVIDIA works here.' >&2
    echo 'In a container, NVIDIA_DRIVER_CAPABILITIES=all lets it in; VK_DRIVER_FILES can name another.' >&2
    exit 1
  fi
  echo "Vulkan driver: $found" >&2
fi

exec "$home/node" "$home/program/gpu.mjs" "$@"
