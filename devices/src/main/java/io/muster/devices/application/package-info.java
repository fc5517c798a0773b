/** Accounts of applications, as values, and how sign-in asks for them. */
@NullMarked
package io.muster.devices.application;

import org.jspecify.annotations.NullMarked;
