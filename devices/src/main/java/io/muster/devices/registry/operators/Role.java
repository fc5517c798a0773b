package io.muster.devices.registry.operators;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What whoever manages the hub may do; each includes those before it. */
public enum Role {
    /** Look at everything but secrets, accounts, keys and the audit log. */
    READ,
    /** Besides, create, change and delete devices, see their secrets, and command them. */
    OPERATE,
    /** Everything. */
    ADMIN;

    /** Whether who has this role may do what needs {@code needed}. */
    public boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** As it is written. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The role that is written so.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    public static Role ofWord(String word) {
        List<Role> all = Arrays.asList(values());
        return all.stream()
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "role '%s' is not one of %s"
                                                .formatted(
                                                        word,
                                                        all.stream()
                                                                .map(Role::word)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }

    /** The number that stands for it in the database, for ever. */
    int code() {
        return switch (this) {
            case READ -> 1;
            case OPERATE -> 2;
            case ADMIN -> 3;
        };
    }

    /** An unknown number may do least: a newer version wrote what this one does not know. */
    static Role ofCode(int code) {
        return switch (code) {
            case 2 -> OPERATE;
            case 3 -> ADMIN;
            default -> READ;
        };
    }
}
