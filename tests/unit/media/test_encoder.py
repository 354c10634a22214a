from common.media.encoder import DEFAULT_PROFILE, PROFILES, available, choose


def test_the_default_profile_encodes_everywhere() -> None:
    assert available(DEFAULT_PROFILE)


def test_a_wanted_encoder_is_taken_only_if_it_encodes() -> None:
    assert choose("nvenc").name == ("nvenc" if available("nvenc") else DEFAULT_PROFILE)
    assert choose(DEFAULT_PROFILE, "nvenc").name == DEFAULT_PROFILE
    assert choose().name == DEFAULT_PROFILE


def test_options_and_version_are_in_the_key() -> None:
    changed = PROFILES["x264"].model_copy(update={"options": {**PROFILES["x264"].options, "crf": 21}})
    assert changed.key != PROFILES["x264"].key


def test_no_profile_forgets_what_all_share() -> None:
    for profile in PROFILES.values():
        assert profile.output["colorspace"] == "bt709"
        assert profile.output["pix_fmt"] == "yuv420p"
        assert "+cgop" in profile.output["flags"]
