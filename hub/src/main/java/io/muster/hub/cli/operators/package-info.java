/** The commands about those who manage the hub: accounts, API keys, and the audit log. */
@NullMarked
package io.muster.hub.cli.operators;

import org.jspecify.annotations.NullMarked;
