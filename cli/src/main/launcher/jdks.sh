#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the JDKs (with a compiler, 17 or newer) of this machine, one a line, newest first: MAJOR HOME
set -u

candidates() {
    [ -z "${JAVA_HOME-}" ] || printf '%s\n' "$JAVA_HOME"
    for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk*; do
        printf '%s\n' "$home"
    done
    java=$(command -v javac 2>/dev/null) && java=$(readlink -f "$java") && printf '%s\n' "${java%/bin/javac}"
}

candidates | while IFS= read -r home; do
    [ -x "$home/bin/javac" ] && [ -x "$home/bin/java" ] && [ -f "$home/release" ] || continue
    home=$(cd "$home" && pwd -P)
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    [ -n "$version" ] && [ "$version" -ge 17 ] && printf '%s %s\n' "$version" "$home"
done | sort -rnu -k1,1
