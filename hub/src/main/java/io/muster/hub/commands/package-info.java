/** What is asked of devices, by operators and by applications, and how their answers are found. */
@NullMarked
package io.muster.hub.commands;

import org.jspecify.annotations.NullMarked;
