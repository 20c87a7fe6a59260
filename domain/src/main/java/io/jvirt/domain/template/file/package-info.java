// SPDX-License-Identifier: Apache-2.0
/**
 * Templates as YAML files: what machines of a kind are like.
 *
 * <p>{@link io.jvirt.domain.template.file.YamlSource} reads a file into nodes that know their line, {@link
 * io.jvirt.domain.template.file.TemplateSchema} says which keys there are and checks a file against them, {@link
 * io.jvirt.domain.template.file.TemplateFiles} finds files by name and lays them over those that they extend, and {@link
 * io.jvirt.domain.template.file.MachineTemplate} is the outcome. Nothing here is loaded until a template is named: the YAML
 * parser would cost every command's start.
 */
@NullMarked
package io.jvirt.domain.template.file;

import org.jspecify.annotations.NullMarked;
