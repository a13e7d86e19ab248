"""Effects against published answers, another implementation, identities and planted effects."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.evaluation import difference_in_differences, synthetic_control, synthetic_did
from iitk.errors import MethodError

# Cigarette packs sold per head in 39 states, 1970 to 2000: Orzechowski and Walker, The Tax Burden on Tobacco, as used
# by Abadie, Diamond and Hainmueller (2010) and published with Arkhangelsky and others (2021). In tenths of a pack, one
# row of 39 figures a year, states in the order of the names.
NAMES = """
Alabama Arkansas Colorado Connecticut Delaware Georgia Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine
Minnesota Mississippi Missouri Montana Nebraska Nevada New_Hampshire New_Mexico North_Carolina North_Dakota Ohio
Oklahoma Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah Vermont Virginia West_Virginia
Wisconsin Wyoming California
"""
PACKS_TENTHS = """
898 1003 1248 1200 1550 1099 1024 1248 1346 1085 1140 1558 1159 1285 1043 934 1213 1112 1081 1895 2657 900 1724 938
1216 1084 1073 1239 1036 927 998 1064 655 1226 1243 1145 1064 1322 1230
954 1041 1255 1176 1611 1157 1085 1256 1393 1084 1028 1635 1198 1332 1164 1054 1276 1156 1086 1905 2780 926 1876 985
1246 1154 1063 1232 1150 967 1063 1089 677 1244 1284 1115 1054 1317 1210
1011 1039 1343 1108 1563 1170 1261 1266 1492 1094 1110 1794 1253 1365 968 1121 1300 1222 1049 1986 2962 993 2141
1038 1244 1217 1090 1344 1187 1030 1115 1086 713 1380 1370 1175 1088 1400 1235
1029 1080 1379 1093 1547 1198 1218 1244 1560 1106 1152 2019 1267 1380 1068 1150 1321 1199 1066 2015 2790 989 2265
1087 1205 1241 1107 1420 1255 1035 1097 1104 727 1468 1431 1166 1095 1412 1244
1082 1097 1328 1124 1513 1237 1256 1319 1596 1161 1186 2124 1299 1421 1106 1171 1354 1219 1105 2047 2698 1003 2273
1105 1221 1305 1142 1461 1297 1084 1148 1147 756 1518 1496 1199 1118 1458 1267
1117 1148 1310 1102 1476 1229 1233 1318 1624 1205 1234 2230 1336 1407 1115 1168 1356 1237 1141 2052 2691 1031 2260
1179 1225 1329 1146 1547 1305 1135 1174 1160 758 1555 1527 1232 1135 1607 1271
1162 1191 1342 1134 1530 1259 1251 1344 1666 1244 1277 2309 1396 1449 1167 1209 1395 1249 1181 2014 2905 1024 2302
1254 1246 1386 1188 1502 1368 1167 1217 1214 779 1711 1581 1297 1154 1615 1280
1171 1226 1320 1173 1533 1279 1250 1340 1730 1255 1279 2294 1400 1456 1172 1221 1408 1270 1177 1908 2788 1024 2170
1222 1273 1404 1201 1488 1372 1156 1246 1242 780 1694 1577 1339 1172 1604 1264
1230 1273 1292 1175 1555 1306 1228 1367 1509 1271 1271 2247 1427 1439 1189 1249 1418 1272 1174 1870 2696 1031 2055
1219 1313 1436 1223 1468 1404 1169 1273 1266 796 1624 1559 1316 1167 1603 1261
1214 1265 1315 1174 1502 1310 1175 1353 1489 1242 1264 2149 1401 1385 1183 1239 1402 1203 1161 1833 2546 1010 1973
1213 1309 1416 1226 1458 1357 1174 1272 1264 791 1609 1518 1221 1171 1686 1219
1232 1318 1310 1180 1505 1340 1152 1352 1469 1246 1271 2153 1438 1412 1177 1270 1421 1220 1163 1777 2478 1027 1878
1237 1335 1416 1240 1493 1383 1147 1304 1297 748 1616 1489 1223 1176 1581 1202
1196 1287 1338 1164 1526 1317 1141 1330 1485 1329 1320 2097 1440 1389 1208 1253 1405 1211 1170 1719 2454 1030 1793
1257 1328 1437 1252 1512 1361 1157 1291 1290 776 1638 1499 1205 1199 1631 1186
1191 1274 1305 1147 1541 1312 1115 1307 1477 1162 1309 2106 1439 1395 1194 1258 1397 1224 1171 1651 2398 975 1790
1268 1340 1470 1233 1463 1360 1130 1314 1312 736 1623 1474 1198 1156 1577 1154
1163 1280 1253 1141 1496 1286 1113 1279 1430 1156 1276 2011 1337 1354 1132 1223 1341 1137 1108 1592 2329 963 1698
1196 1300 1400 1253 1358 1311 1098 1290 1264 690 1538 1447 1157 1063 1412 1108
1130 1231 1197 1125 1440 1263 1036 1240 1378 1112 1217 1832 1289 1355 1108 1164 1300 1101 1077 1366 2151 889 1606
1094 1271 1281 1153 1369 1270 1057 1251 1172 663 1443 1368 1119 1056 1289 1048
1145 1258 1124 1110 1445 1288 1007 1216 1353 1094 1157 1824 1250 1279 1130 1153 1292 1036 1051 1467 2011 880 1563
1032 1267 1242 1158 1334 1254 1044 1287 1159 665 1445 1346 1091 1070 1257 1028
1163 1260 1099 1085 1424 1290 967 1182 1376 1041 1094 1798 1212 1190 1043 1132 1288 978 1031 1426 1959 882 1544 998
1263 1199 1139 1363 1266 970 1290 1137 644 1312 1358 1121 1054 1248 997
1140 1223 1024 1090 1410 1293 950 1095 1340 1011 1052 1712 1165 1250 1088 1100 1287 917 1013 1477 1951 823 1505 923
1246 1131 1106 1244 1266 958 1306 1058 677 1283 1330 1075 1060 1104 975
1121 1215 946 1048 1371 1241 845 1076 1340 1002 1032 1732 1109 1250 941 1090 1274 871 929 1419 1804 777 1460 871
1224 1036 1076 1380 1244 919 1253 965 550 1287 1295 1091 1026 1143 901
1056 1183 888 1006 1317 1171 784 1046 1325 944 965 1716 1036 1224 923 1083 1228 862 938 1379 1729 744 1393 841 1186
975 1071 1208 1224 874 1247 945 570 1209 1225 1040 1003 1114 824
1086 1131 874 915 1272 1138 901 941 1283 954 943 1825 1015 1175 907 1018 1191 847 899 1373 1524 708 1337 771 1155
884 1013 1014 1186 883 1218 856 534 1243 1189 1041 940 969 778
1079 1168 902 867 1188 1096 854 961 1272 971 918 1704 1072 1161 862 1056 1199 829 924 1155 1448 699 1327 852 1132
878 1025 1036 1215 918 1206 794 535 1209 1091 1001 955 1091 687
1091 1260 883 835 1200 1092 851 948 1282 952 900 1676 1085 1145 838 1039 1223 866 906 1100 1437 714 1289 743 1123
863 962 1001 1128 930 1210 772 550 1265 1082 979 962 1108 675
1085 1138 886 791 1238 1092 867 946 1268 925 899 1676 1062 1085 816 1054 1216 860 911 1081 1489 690 1297 830 1089
862 947 941 1152 916 1208 813 562 1172 1054 1110 912 1084 634
1071 1088 891 766 1261 1078 930 857 1282 934 891 1701 1053 1016 834 1060 1194 882 859 1052 1538 682 1127 810 1086
1048 954 919 1122 948 1188 788 558 1203 1062 1042 918 1112 586
1026 1130 854 793 1272 1003 782 843 1354 930 901 1753 1057 1023 841 1075 1240 905 885 1009 1585 670 1249 806 1117
1095 954 908 1092 986 1254 752 520 1232 1067 1152 935 1150 564
1014 1107 831 760 1283 1027 736 818 1351 940 887 1790 1068 1000 817 1069 1241 873 862 990 1580 657 1297 808 1076
1108 933 875 1029 923 1192 746 540 1025 1046 1127 921 1103 545
1049 1087 813 759 1241 1006 750 796 1353 939 892 1868 1053 1011 841 1063 1206 889 855 956 1744 618 1256 775 1086
1118 929 900 1245 888 1189 726 570 977 1080 1145 919 1088 538
1062 1095 812 755 1328 1005 789 803 1359 940 876 1713 1032 945 832 1070 1201 891 831 1024 1738 626 1260 791 1064
1122 921 887 1269 883 1197 732 423 970 1056 1146 887 1029 523
1007 1048 796 734 1395 971 751 722 1333 917 833 1653 1010 855 807 1039 1180 826 866 1039 1717 597 1131 747 1040 1114
911 869 1094 835 1156 676 439 941 1021 1124 844 1048 472
962 994 730 714 1407 884 669 700 1255 889 798 1562 1043 829 760 972 1138 755 776 932 1473 538 1090 725 999 1089 879
831 1039 751 1087 693 407 889 967 1079 801 905 416
"""


YEARS = ["2015/16", "2016/17", "2017/18", "2018/19", "2019/20", "2020/21"]


@pytest.fixture(scope="module")
def prop99():
    figures = np.array(PACKS_TENTHS.split(), dtype=float).reshape(31, 39)
    return pd.DataFrame(figures.T / 10, index=NAMES.split(), columns=range(1970, 2001))


@pytest.fixture(scope="module")
def diff_diff():
    return pytest.importorskip("diff_diff", reason="the extra iitk[eval] is not installed")


@pytest.fixture(scope="module")
def california(prop99, diff_diff):
    return synthetic_control(prop99, "California", 1989)


def factor_panel(areas=12, years=14, start=9, effect=5.0, treated=1, noise=0.0, seed=3):
    """Outcomes of two common factors; the first areas are mixes of the rest, plus a planted effect."""
    rng = np.random.default_rng(seed)
    factors = np.vstack([np.ones(years), rng.normal(0, 2, years).cumsum(), rng.normal(0, 1, years).cumsum()])
    loadings = rng.uniform(0.5, 2, (areas, 3))
    mix = rng.dirichlet(np.ones(areas - treated), treated)
    loadings[:treated] = mix @ loadings[treated:]
    table = loadings @ factors + noise * rng.normal(size=(areas, years))
    table[:treated, start:] += effect
    return pd.DataFrame(table, index=[f"area {n}" for n in range(areas)], columns=range(2000, 2000 + years))


# Published answers


def test_card_and_krueger_table_3():
    # Full-time equivalents a store, before and after New Jersey's minimum wage: +0.59 there, -2.16 in Pennsylvania,
    # 2.76 in all (from unrounded means; the rounded ones of the same table give 2.75).
    stores = pd.DataFrame({1: [20.44, 23.33], 2: [21.03, 21.17]}, index=["New Jersey", "Pennsylvania"])
    found = difference_in_differences(stores, ["New Jersey"], 2)
    assert found.estimate == pytest.approx(2.76, abs=0.011)
    assert np.isnan(found.standard_error)
    assert "No standard error" in found.inference
    assert found.path.loc[2, "counterfactual"] == pytest.approx(20.44 - 2.16)


def test_california_difference_in_differences(prop99):
    # Arkhangelsky and others (2021), table 1: -27.3; Stata's regress and sdid, method(did): -27.34911.
    found = difference_in_differences(prop99, "California", 1989)
    assert found.estimate == pytest.approx(-27.34911, abs=1e-5)
    # One treated area, 38 to compare with: table 1 has a placebo standard error of 17.7.
    assert found.standard_error == pytest.approx(17.7, rel=0.1)
    assert found.smallest_placebo_p == pytest.approx(1 / 39)
    assert found.leads.loc[1988].tolist() == [0, 0, 0, 0]


def test_california_synthetic_control(prop99, california):
    # Table 1: -19.6 (weights slightly regularised) with placebo standard error 9.9.
    assert california.estimate == pytest.approx(-19.6, abs=0.1)
    assert california.standard_error == pytest.approx(9.9, rel=0.15)
    # Stata's synth2 on all 19 years before, in Mendez (2026), carlos-mendez.org/post/stata_sdid: RMSE 1.65640, the
    # weights below, and the effect that these rounded weights give.
    published = {"Utah": 0.394, "Montana": 0.232, "Nevada": 0.205, "Connecticut": 0.109, "New_Hampshire": 0.045}
    published["Colorado"] = 0.015
    weights = california.area_weights[california.area_weights > 5e-4]
    assert weights.round(3).to_dict() == pytest.approx(published)
    assert california.fit_before == pytest.approx(1.65640, abs=5e-6)
    rounded = pd.Series(published)
    effect = prop99.loc["California"] - rounded @ prop99.loc[rounded.index]
    assert effect.loc[1989:].mean() == pytest.approx(-19.4814, abs=5e-5)
    assert california.estimate == pytest.approx(-19.4814, abs=0.04)


def test_california_synthetic_did(prop99, diff_diff):
    # Table 1: -15.6 with placebo standard error 8.4; Stata's sdid: -15.60383.
    found = synthetic_did(prop99, "California", 1989, replications=400, seed=1)
    assert found.estimate == pytest.approx(-15.604, abs=0.01)
    assert found.standard_error == pytest.approx(8.4, rel=0.35)  # depends on the draw: 8.4 there
    # Stata's weights (Mendez, as above): 1986 .37, 1987 .21, 1988 .43; Nevada .12, New Hampshire .11, Connecticut .08,
    # Delaware .07, Colorado .06.
    assert found.year_weights[found.year_weights > 1e-3].round(2).to_dict() == {1986: 0.37, 1987: 0.21, 1988: 0.43}
    heaviest = found.area_weights.nlargest(5)
    assert heaviest.index.tolist() == ["Nevada", "New_Hampshire", "Connecticut", "Delaware", "Colorado"]
    assert heaviest.tolist() == pytest.approx([0.12, 0.11, 0.08, 0.07, 0.06], abs=0.006)
    assert found.smallest_placebo_p == pytest.approx(1 / 39)


# Another implementation


def two_way(diff_diff, panel, treated, **options):
    """The regression with area and time effects of diff-diff, clustered by area."""
    long = panel.stack().rename("y").rename_axis(["area", "year"]).reset_index()
    long["treated"] = long["area"].isin(treated).astype(int)
    long["post"] = (long["year"] >= 2009).astype(int)
    kind, mode = options.pop("kind"), options or {"post": "post"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = diff_diff.TwoWayFixedEffects(vcov_type=kind, df_convention="cluster")
        return model.fit(long, outcome="y", treatment="treated", unit="area", **mode)


def test_clustered_errors_agree_with_the_two_way_regression_of_diff_diff(diff_diff):
    panel = factor_panel(treated=4, noise=1.0)
    treated = list(panel.index[:4])
    bias_reduced = difference_in_differences(panel, treated, 2009, errors="cr2")
    other = two_way(diff_diff, panel, treated, kind="hc2_bm")
    assert bias_reduced.estimate == pytest.approx(other.att)
    assert bias_reduced.standard_error == pytest.approx(other.se, rel=1e-9)
    usual = difference_in_differences(panel, treated, 2009, errors="cr1")
    other = two_way(diff_diff, panel, treated, kind="hc1")
    # Theirs has one effect for all years after: K is 3 there, and 14 years + 1 here; 168 observations.
    assert usual.standard_error == pytest.approx(other.se * np.sqrt((168 - 3) / (168 - 15)), rel=1e-9)


def test_leads_agree_with_the_event_study_of_diff_diff(diff_diff):
    panel = factor_panel(treated=4, noise=1.0)
    treated = list(panel.index[:4])
    mine = difference_in_differences(panel, treated, 2009, errors="cr1").leads
    after = list(range(2009, 2014))
    other = two_way(diff_diff, panel, treated, kind="hc1", time="year", event_study=True, post_periods=after)
    table = other.to_dataframe().set_index("event_time").drop(index=2008)
    for column, theirs in (
        ("effect", "att"), ("standard_error", "se"), ("lower", "conf_int_lower"), ("upper", "conf_int_upper")
    ):  # fmt: skip
        np.testing.assert_allclose(mine[column].drop(index=2008), table[theirs].astype(float), rtol=1e-9)


def test_welch_is_the_small_sample_error():
    from scipy import stats

    panel = factor_panel(treated=4, noise=1.0)
    change = panel.loc[:, 2009:].mean(axis=1) - panel.loc[:, :2008].mean(axis=1)
    welch = stats.ttest_ind(change[:4], change[4:], equal_var=False)
    mine = difference_in_differences(panel, list(panel.index[:4]), 2009)
    assert mine.p_value == pytest.approx(welch.pvalue)
    assert (mine.lower, mine.upper) == pytest.approx(tuple(welch.confidence_interval(0.95)))
    pooled = difference_in_differences(panel, list(panel.index[:4]), 2009, errors="pooled")
    assert pooled.p_value == pytest.approx(stats.ttest_ind(change[:4], change[4:]).pvalue)


def test_permutations_agree_with_scipy():
    from scipy import stats

    panel = factor_panel(areas=9, treated=3, noise=1.0)
    change = panel.loc[:, 2009:].mean(axis=1) - panel.loc[:, :2008].mean(axis=1)
    exact = stats.permutation_test(
        (change[:3], change[3:]), lambda a, b: abs(a.mean() - b.mean()), alternative="greater", n_resamples=np.inf
    )
    mine = difference_in_differences(panel, list(panel.index[:3]), 2009)
    assert mine.placebo_p == pytest.approx(exact.pvalue)
    assert mine.smallest_placebo_p == pytest.approx(1 / 84)
    assert len(mine.placebos) == 83
    random = difference_in_differences(panel, list(panel.index[:3]), 2009, permutations=60)
    assert random.smallest_placebo_p == pytest.approx(1 / 61)
    assert random.placebo_p == pytest.approx(exact.pvalue, abs=0.2)
    again, other = (
        difference_in_differences(panel, list(panel.index[:3]), 2009, permutations=60, seed=seed) for seed in (0, 1)
    )
    pd.testing.assert_frame_equal(random.placebos, again.placebos)
    assert not random.placebos.equals(other.placebos)
    # Every random choice treats three areas: each effect is one of the 84.
    possible = np.append(mine.placebos["effect"], mine.estimate)
    assert all(np.isclose(possible, effect).any() for effect in random.placebos["effect"])


# Identities and optimality


@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 5))
def test_the_estimate_is_the_coefficient_of_the_two_way_regression(seed, treated, before):
    rng = np.random.default_rng(seed)
    panel = pd.DataFrame(rng.normal(size=(6, 7)))
    found = difference_in_differences(panel, list(range(treated)), before, permutations=20)
    policy = np.zeros((6, 7))
    policy[:treated, before:] = 1
    effects = [np.kron(np.eye(6), np.ones((7, 1))), np.kron(np.ones((6, 1)), np.eye(7)), policy.reshape(-1, 1)]
    coefficient = np.linalg.lstsq(np.hstack(effects), panel.to_numpy().ravel(), rcond=None)[0][-1]
    assert found.estimate == pytest.approx(coefficient, abs=1e-9)
    assert found.path.loc[found.path["after"], "effect"].mean() == pytest.approx(found.estimate, abs=1e-9)
    assert found.path.loc[~found.path["after"], "effect"].mean() == pytest.approx(0, abs=1e-9)


@given(st.floats(-50, 50), st.floats(0.1, 20))
def test_shifts_of_areas_and_years_change_nothing_and_units_scale(shift, unit):
    panel = factor_panel(treated=2, noise=0.5)
    moved = unit * (panel + shift).add(np.arange(14.0), axis=1)
    one = difference_in_differences(panel, ["area 0", "area 1"], 2009, permutations=20)
    two = difference_in_differences(moved, ["area 0", "area 1"], 2009, permutations=20)
    assert two.estimate == pytest.approx(unit * one.estimate, rel=1e-6)
    assert two.standard_error == pytest.approx(unit * one.standard_error, rel=1e-6)
    assert two.placebo_p == one.placebo_p


def test_noise_free_mixes_give_back_the_planted_effect(diff_diff):
    panel = factor_panel(effect=5.0)
    control = synthetic_control(panel, "area 0", 2009)
    assert control.estimate == pytest.approx(5.0, abs=1e-4)
    assert control.fit_before == pytest.approx(0, abs=1e-4)
    assert control.placebo_p == pytest.approx(1 / 12) == pytest.approx(control.smallest_placebo_p)
    parallel = pd.DataFrame(np.add.outer(np.arange(8.0) ** 2, np.sin(np.arange(10.0)) * 3))
    parallel.iloc[:2, 6:] -= 4
    for method in (difference_in_differences, synthetic_did):
        assert method(parallel, [0, 1], 6).estimate == pytest.approx(-4, abs=1e-6)


def test_weights_of_the_synthetic_control_are_the_best(prop99, california):
    # Karush-Kuhn-Tucker: at the optimum over the simplex the gradient is equal where the weight is positive, and not
    # smaller anywhere else.
    pool = prop99.loc[list(california.comparison), :1988].to_numpy()
    weights = california.area_weights.to_numpy()
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    gap = weights @ pool - prop99.loc["California", :1988].to_numpy()
    gradient = pool @ gap
    level = weights @ gradient
    scale = np.abs(pool).max() * np.abs(gap).sum()
    assert np.abs(gradient[weights > 1e-6] - level).max() < 1e-5 * scale
    assert gradient.min() > level - 1e-5 * scale
    assert california.fit_before == pytest.approx(np.sqrt((gap**2).mean()), rel=1e-5)


def test_placebos_of_the_synthetic_control_are_rankable(california):
    ratios = california.placebos["fit_ratio"]
    rank = 1 + (ratios >= california.fit_ratio).sum()
    assert california.placebo_p == pytest.approx(rank / 39)
    assert california.path.loc[:1988, "effect"].pow(2).mean() ** 0.5 == pytest.approx(california.fit_before)
    assert california.path.loc[1989:, "effect"].mean() == pytest.approx(california.estimate)
    assert california.standard_error == pytest.approx(california.placebos["effect"].std(ddof=0))


def test_leaving_out_an_area_is_the_control_without_it(prop99, california):
    assert set(california.robustness.index) == set(california.area_weights.index[california.area_weights > 0])
    without = synthetic_control(prop99.drop(index="Utah"), "California", 1989, placebos=2)
    assert california.robustness["Utah"] == pytest.approx(without.estimate)


def test_synthetic_did_is_its_own_weighted_difference(prop99, diff_diff):
    treated = ["California", "Utah", "Texas"]
    found = synthetic_did(prop99, treated, 1989, inference="jackknife")
    pool = prop99.drop(index=treated)
    here, mix = prop99.loc[treated].mean(), found.area_weights @ pool
    change = (here - mix).loc[1989:].mean() - found.year_weights @ (here - mix).loc[:1988]
    assert found.estimate == pytest.approx(change, rel=1e-9)
    assert found.path.loc[1989:, "effect"].mean() == pytest.approx(change, rel=1e-9)
    assert np.isnan(found.placebo_p)
    assert found.placebos.empty
    # Algorithm 3: leave each area out, keep the weights; areas without weight change nothing.
    gap = pool.loc[:, 1989:].mean(axis=1) - pool.loc[:, :1988] @ found.year_weights
    own = prop99.loc[treated, 1989:].mean(axis=1) - prop99.loc[treated, :1988] @ found.year_weights
    left = [own.drop(index=area).mean() - found.area_weights @ gap for area in treated]
    for area in pool.index:
        rest = found.area_weights.drop(index=area)
        left.append(own.mean() - rest @ gap.drop(index=area) / rest.sum())
    jackknife = np.sqrt((len(left) - 1) / len(left) * ((np.array(left) - np.mean(left)) ** 2).sum())
    assert found.standard_error == pytest.approx(jackknife, rel=1e-6)


def test_the_same_seed_gives_the_same_answer_whatever_the_order_of_rows(prop99, diff_diff):
    small = prop99.iloc[-12:]
    for method, options in ((synthetic_did, {"replications": 20}), (synthetic_control, {"placebos": 5})):
        one, two = (method(small, "California", 1989, seed=4, **options) for _ in range(2))
        assert (one.estimate, one.standard_error, one.placebo_p) == (two.estimate, two.standard_error, two.placebo_p)
        turned = method(small.iloc[::-1], "California", 1989, seed=4, **options)
        assert turned.estimate == pytest.approx(one.estimate, rel=1e-3)


# Real figures, no policy


def test_a_policy_that_never_was_is_seldom_found_in_the_districts():
    from iitk.sources import tables

    cube = tables.gva()
    volume = cube.index[:, list(cube.industries).index("Total"), :].astype(float)
    panel = np.log(pd.DataFrame(volume, index=cube.areas, columns=[int(year) for year in cube.years]))
    found = [difference_in_differences(panel, area, 2012) for area in panel.index]
    p_values = pd.Series([one.placebo_p for one in found])
    # Every district in turn is every rank once: the test keeps its promise exactly, whatever the figures are.
    assert sorted(p_values) == pytest.approx([rank / 361 for rank in range(1, 362)])
    assert (p_values <= 0.05).mean() <= 0.05
    assert pd.Series([one.p_value for one in found]).le(0.05).mean() == pytest.approx(0.05, abs=0.03)


def test_the_placebo_rank_of_the_synthetic_control_is_exact(prop99, diff_diff):
    # Each of nine states in turn as if treated: with the treated one among the placebos' comparison areas, the nine
    # ratios do not depend on who is called treated, so every rank comes up once.
    states = prop99.iloc[:9]
    found = [synthetic_control(states, state, 1989, placebos=2) for state in states.index]
    assert sorted(one.placebo_p for one in found) == pytest.approx([rank / 9 for rank in range(1, 10)])


# Bad input


def test_panels_without_any_spread():
    flat = pd.DataFrame(1.0, index=list("abcd"), columns=range(5))
    found = difference_in_differences(flat, ["a", "b"], 3)
    assert (found.estimate, found.standard_error, found.placebo_p, found.pre_trend_p) == (0, 0, 1, 1)
    assert np.isnan(found.p_value)
    assert np.isnan(found.fit_ratio)


def test_flat_panels_in_the_methods_of_the_extra(diff_diff):
    flat = pd.DataFrame(1.0, index=list("abcde"), columns=range(5))
    flat.loc["a", 3:] = 2.0
    assert synthetic_control(flat, "a", 3).estimate == pytest.approx(1)
    assert synthetic_did(flat, "a", 3, replications=10).estimate == pytest.approx(1)


@pytest.mark.parametrize("index", [pd.Index([3, 1, 2, 0]), pd.Index(["ä", "b c", "", "d"]), pd.Index([2.5, 1, 7, 8])])
def test_any_labels_and_periods_will_do(diff_diff, index):
    rng = np.random.default_rng(2)
    panel = pd.DataFrame(rng.normal(size=(4, 6)), index=index, columns=YEARS)
    for method in (difference_in_differences, synthetic_control, synthetic_did):
        found = method(panel, index[1], "2019/20")
        assert found.comparison == tuple(index.delete(1))
        assert found.area_weights.index.equals(index.delete(1))
        assert found.path["after"].tolist() == [False] * 4 + [True] * 2


def test_gaps_are_left_out_or_refused():
    panel = factor_panel(noise=1.0)
    panel.loc["area 5", 2003] = np.nan
    panel.loc["area 7", 2004] = -np.inf  # the log of 0
    found = difference_in_differences(panel, "area 0", 2009)
    assert found.left_out == ("area 5", "area 7")
    assert "area 5" not in found.comparison
    alone = difference_in_differences(panel.drop(index=["area 5", "area 7"]), "area 0", 2009)
    assert (found.estimate, found.placebo_p) == (alone.estimate, alone.placebo_p)
    panel.loc["area 0", [2001, 2012]] = np.nan
    with pytest.raises(MethodError, match=r"treated area 'area 0' has no figure for '2001', '2012'"):
        difference_in_differences(panel, "area 0", 2009)


@pytest.mark.parametrize("method", [difference_in_differences, synthetic_control, synthetic_did])
@pytest.mark.parametrize(
    ("treated", "start", "words"),
    [
        ("Area zero", 2009, "Nearest: 'area"),
        (2003, 2009, r"is a column. Rows must be areas: give panel\.T"),
        ([], 2009, "names no area"),
        ([f"area {n}" for n in range(12)], 2009, "names every area"),
        ("area 0", 2000, "leaves 0 period"),
        ("area 0", 2014, "runs from 2000 to 2013"),
    ],
)
def test_treated_areas_and_start_are_checked(method, treated, start, words):
    with pytest.raises(MethodError, match=words):
        method(factor_panel(), treated, start)


@pytest.mark.parametrize("method", [difference_in_differences, synthetic_control, synthetic_did])
def test_panels_are_checked(method):
    panel = factor_panel()
    with pytest.raises(MethodError, match="rising order"):
        method(panel.iloc[:, ::-1], "area 0", 2009)
    with pytest.raises(MethodError, match=r"panel \(rows\) has 'area 0' more than once"):
        method(pd.concat([panel, panel.iloc[:1]]), "area 1", 2009)
    with pytest.raises(MethodError, match="not a number"):
        method(panel.astype(object).replace({panel.iloc[3, 3]: "c"}), "area 1", 2009)
    with pytest.raises(MethodError, match=r"For 95% write 0\.95"):
        method(panel, "area 0", 2009, level=95)
    with pytest.raises(MethodError, match="above 0 and below 1"):
        method(panel, "area 0", 2009, level=1)
    with pytest.raises(MethodError, match="must be a table"):
        method([1, 2], 0, 1)


def test_too_few_areas_for_what_is_asked(diff_diff):
    panel = factor_panel(noise=1.0)
    with pytest.raises(MethodError, match="two treated and two comparison areas"):
        difference_in_differences(panel, "area 0", 2009, errors="cr2")
    with pytest.raises(MethodError, match="at least three areas"):
        difference_in_differences(panel.iloc[:2], "area 0", 2009, errors="pooled")
    with pytest.raises(MethodError, match="one of 'auto'"):
        difference_in_differences(panel, "area 0", 2009, errors="HC1")
    with pytest.raises(MethodError, match="permutations must be a whole number, 2 or more"):
        difference_in_differences(panel, "area 0", 2009, permutations=0)
    with pytest.raises(MethodError, match="at least two treated areas"):
        synthetic_did(panel, "area 0", 2009, inference="jackknife")
    with pytest.raises(MethodError, match="5 comparison and 7 treated areas"):
        synthetic_did(panel, list(panel.index[:7]), 2009)
    with pytest.raises(MethodError, match="1 comparison areas, and at least 2"):
        synthetic_control(panel.iloc[:2], "area 0", 2009)
    gappy = panel.copy()
    gappy.iloc[2:, 0] = np.nan
    with pytest.raises(MethodError, match=r"1 comparison areas \(10 left out because of gaps\)"):
        synthetic_did(gappy, "area 0", 2009)
    with pytest.raises(MethodError, match="leaves 1 period"):
        synthetic_control(panel, "area 0", 2001)


def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "diff_diff", None)
    panel = factor_panel()
    for method in (synthetic_control, synthetic_did):
        with pytest.raises(MethodError, match=r'pip install "iitk\[eval\]"'):
            method(panel, "area 0", 2009)
    assert difference_in_differences(panel, "area 0", 2009).estimate == pytest.approx(
        (panel.loc["area 0", 2009:].mean() - panel.loc["area 0", :2008].mean())
        - (panel.iloc[1:].loc[:, 2009:].to_numpy().mean() - panel.iloc[1:].loc[:, :2008].to_numpy().mean())
    )


def test_pre_trends_show():
    rng = np.random.default_rng(0)
    panel = pd.DataFrame(rng.normal(0, 0.1, (20, 10)))
    assert difference_in_differences(panel, 0, 6).pre_trend_p > 0.05
    panel.loc[0] += np.arange(10) * 1.0
    found = difference_in_differences(panel, 0, 6)
    assert found.pre_trend_p == pytest.approx(1 / 20)
    assert found.leads["effect"].diff().dropna().mean() == pytest.approx(1.0, abs=0.1)
    assert found.leads.loc[3, "upper"] < 0
    assert np.isnan(difference_in_differences(panel, 0, 1).pre_trend_p)
