package storefront

import "net/http"

// article is something to buy. Its price is in cents, tax included.
type article struct {
	SKU, Category string
	Price         int64
	Rate          int64 // of VAT, hundredths of a per cent
	Letter        string
}

// shelf is what the shop sells, in the order in which it is shown.
var shelf = []*article{
	{"ESPRESSO", "drinks", 250, 1000, "E"},
	{"LATTE", "drinks", 390, 1000, "L"},
	{"TEA-LAVENDER", "drinks", 420, 1000, "T"},
	{"CAKE", "food", 480, 1000, "C"},
	{"HONEY", "food", 890, 550, "H"},
	{"BEANS-1KG", "shop", 2490, 550, "B"},
	{"MUG", "shop", 1290, 2000, "M"},
	{"GIFT-BOX", "shop", 3900, 2000, "G"},
}

func find(sku string) *article {
	for _, a := range shelf {
		if a.SKU == sku {
			return a
		}
	}
	return nil
}

// shelves are the articles of one category.
type shelves struct {
	Category string
	Articles []*article
}

func (v *visit) articles() error {
	var all []shelves
	for _, a := range shelf {
		if len(all) == 0 || all[len(all)-1].Category != a.Category {
			all = append(all, shelves{Category: a.Category})
		}
		last := &all[len(all)-1]
		last.Articles = append(last.Articles, a)
	}
	return v.show(http.StatusOK, "articles", v.T("title"), all)
}

func (v *visit) article() error {
	a := find(v.r.PathValue("sku"))
	if a == nil {
		return v.missing()
	}
	return v.show(http.StatusOK, "article", v.T("article."+a.SKU), a)
}
