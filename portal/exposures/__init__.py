"""Published cases (公开曝光典型案例): the record of a closed case, its way to the public and the pages that show it."""
