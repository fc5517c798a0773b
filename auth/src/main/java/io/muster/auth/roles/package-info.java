/** What the roles of applications let them do, as it stands right now. */
@NullMarked
package io.muster.auth.roles;

import org.jspecify.annotations.NullMarked;
