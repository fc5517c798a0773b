/** Certificates over HTTP: what everybody may fetch, and what devices and operators ask for. */
@NullMarked
package io.muster.hub.api.certificates;

import org.jspecify.annotations.NullMarked;
