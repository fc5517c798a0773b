/**
 * Certificates of devices as the hub lives with them. This room holds what the rooms below it tell
 * each other: {@code ledger} keeps what was issued, {@code authority} signs, {@code enrolment}
 * decides who gets a certificate and ends it, {@code trust} and {@code signin} ask for it when a
 * device connects.
 */
@NullMarked
package io.muster.hub.certificates;

import org.jspecify.annotations.NullMarked;
