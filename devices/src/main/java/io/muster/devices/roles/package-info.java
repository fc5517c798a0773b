/** What applications may do, as values: roles and their rules. This room knows no other. */
@NullMarked
package io.muster.devices.roles;

import org.jspecify.annotations.NullMarked;
