/** Applications in the management API: their accounts and their roles. */
@NullMarked
package io.muster.hub.api.applications;

import org.jspecify.annotations.NullMarked;
