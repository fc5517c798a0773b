/**
 * What several commands have in common: their options, the root above them, and the exception that
 * ends one with a sentence. It knows no command.
 */
@NullMarked
package io.muster.hub.cli.options;

import org.jspecify.annotations.NullMarked;
