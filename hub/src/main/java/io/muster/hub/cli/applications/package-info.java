/** The commands about applications: their accounts and their roles. */
@NullMarked
package io.muster.hub.cli.applications;

import org.jspecify.annotations.NullMarked;
