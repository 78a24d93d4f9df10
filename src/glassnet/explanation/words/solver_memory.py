"""The letters of the fields of a solver's memory, before the step."""

MEMORY = {"velocity": "u_old", "squares": "s_old", "m": "m_old", "v": "v_old", "sizes": "size_old", "last": "g_old"}
