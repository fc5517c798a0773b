/** Those who manage the hub, over HTTP: accounts, API keys, and the audit log. */
@NullMarked
package io.muster.hub.api.accounts;

import org.jspecify.annotations.NullMarked;
