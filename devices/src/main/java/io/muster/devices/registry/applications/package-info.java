/**
 * Applications in the registry database: their accounts and their roles. Everything here blocks.
 */
@NullMarked
package io.muster.devices.registry.applications;

import org.jspecify.annotations.NullMarked;
