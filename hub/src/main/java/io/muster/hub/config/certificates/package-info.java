/** What can be configured about certificates, checked and typed: a record for each room. */
@NullMarked
package io.muster.hub.config.certificates;

import org.jspecify.annotations.NullMarked;
