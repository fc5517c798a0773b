package io.muster.devices.registry.audit;

import java.util.Locale;

/** How an act ended. */
public enum Outcome {
    /** It was about to be done; if this stays, nobody knows whether it was. */
    BEGUN,
    /** It was done. */
    DONE,
    /** It was refused, and nothing was done. */
    REFUSED,
    /** It failed, perhaps after some of it was done. */
    FAILED;

    /** As it is written. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The number that stands for it in the database, for ever. */
    int code() {
        return switch (this) {
            case BEGUN -> 0;
            case DONE -> 1;
            case REFUSED -> 2;
            case FAILED -> 3;
        };
    }

    /** An unknown number tells nothing of the end. */
    static Outcome ofCode(int code) {
        return switch (code) {
            case 1 -> DONE;
            case 2 -> REFUSED;
            case 3 -> FAILED;
            default -> BEGUN;
        };
    }
}
